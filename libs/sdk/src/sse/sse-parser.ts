/**
 * Server-sent events, as the HTML standard defines them: read by the client for the events of a run, and by the model
 * gateway for what a model streams. Chunks may be cut anywhere, inside a character or between CR and LF too.
 */

export interface SseMessage {
  /** `message` where the stream names none. */
  readonly event: string;
  /** All data lines of the message, joined by line feeds. */
  readonly data: string;
  /** The last id of the stream so far; empty before the first. */
  readonly id: string;
}

/** Codes: `stream/too-large`. The stream cannot be read on. */
export class SseError extends Error {
  override readonly name = 'SseError';
  readonly code: 'stream/too-large';

  constructor(code: 'stream/too-large', message: string) {
    super(message);
    this.code = code;
  }
}

export interface SseLimits {
  /** Characters of one message, its comments included. Default 16,777,216. */
  readonly messageCharactersMax?: number;
}

const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;
const LINE_END = /[\r\n]/g;

/** Takes text as it arrives and gives the messages that are complete. What is incomplete at the end is no message. */
export class SseParser {
  readonly #messageCharactersMax: number;
  #line = '';
  #afterCarriageReturn = false;
  #characters = 0;
  #event = '';
  #data: string[] = [];
  #id = '';

  constructor(limits: SseLimits = {}) {
    this.#messageCharactersMax = limits.messageCharactersMax ?? 16_777_216;
  }

  /** The messages that end in this piece of text. Throws `SseError`. */
  push(text: string): SseMessage[] {
    const messages: SseMessage[] = [];
    let from = this.#afterCarriageReturn && text.charCodeAt(0) === LINE_FEED ? 1 : 0;
    if (text.length > 0) this.#afterCarriageReturn = false;
    LINE_END.lastIndex = from;
    for (let match = LINE_END.exec(text); match !== null; match = LINE_END.exec(text)) {
      const end = match.index;
      this.#count(end - from);
      const message = this.#take(this.#line + text.slice(from, end));
      if (message !== undefined) messages.push(message);
      this.#line = '';
      from = end + 1;
      if (text.charCodeAt(end) !== CARRIAGE_RETURN) continue;
      if (from === text.length) this.#afterCarriageReturn = true;
      else if (text.charCodeAt(from) === LINE_FEED) from += 1;
      LINE_END.lastIndex = from;
    }
    this.#count(text.length - from);
    this.#line += text.slice(from);
    return messages;
  }

  #count(characters: number): void {
    this.#characters += characters;
    if (this.#characters <= this.#messageCharactersMax) return;
    throw new SseError('stream/too-large', `A message of the stream has more than ${this.#messageCharactersMax} characters. Raise messageCharactersMax if that is right.`);
  }

  #take(line: string): SseMessage | undefined {
    if (line === '') return this.#end();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return undefined;
  }

  #end(): SseMessage | undefined {
    const message = this.#data.length === 0 ? undefined : { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id };
    this.#event = '';
    this.#data = [];
    this.#characters = 0;
    return message;
  }
}

/** The messages of a stream of bytes, in order. Ends with the stream; throws what the stream throws, and `SseError`. */
export async function* readSse(bytes: AsyncIterable<Uint8Array>, limits?: SseLimits): AsyncGenerator<SseMessage, void, undefined> {
  const parser = new SseParser(limits);
  const decoder = new TextDecoder();
  for await (const chunk of bytes) yield* parser.push(decoder.decode(chunk, { stream: true }));
}
