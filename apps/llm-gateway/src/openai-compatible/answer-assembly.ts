/** Puts an answer together from the pieces that a stream brings. A whole answer is a stream of one piece. */
import { assistantContent, type AssistantContent, type ToolCall, type Usage } from '@runledger/contracts';
import { MalformedAnswer, type ChatCallPiece, type ChatChunk } from './chat-chunk.ts';

interface OpenCall {
  readonly index: number | undefined;
  id: string;
  name: string;
  arguments: string;
}

const ID_CHARACTERS_MAX = 200;
const NO_USAGE: Usage = Object.freeze({ inputTokens: 0, outputTokens: 0 });

export class AnswerAssembly {
  #text: string | undefined;
  #refusal = '';
  readonly #calls: OpenCall[] = [];
  /** Why the model stopped; undefined until it has. */
  finishReason: string | undefined;
  model: string | undefined;
  usage: Usage | undefined;

  add(chunk: ChatChunk): void {
    if (chunk.text !== undefined) this.#text = (this.#text ?? '') + chunk.text;
    this.#refusal += chunk.refusal;
    for (const piece of chunk.calls) this.#addCall(piece);
    this.finishReason = chunk.finishReason ?? this.finishReason;
    this.model = chunk.model ?? this.model;
    this.usage = chunk.usage ?? this.usage;
  }

  /** Nothing was said, and no end was told: there is no answer here. */
  get isMissing(): boolean {
    return this.finishReason === undefined && this.#calls.length === 0 && !this.#text && this.#refusal === '';
  }

  get countedUsage(): Usage {
    return this.usage ?? NO_USAGE;
  }

  /** `idPrefix` makes ids for calls that came without one. Throws `MalformedAnswer` for calls that cannot be carried out. */
  message(idPrefix: string): AssistantContent {
    const toolCalls = this.#toolCalls(idPrefix);
    const text = this.#text || this.#refusal;
    const message = toolCalls.length === 0 ? { text } : { text: text === '' ? null : text, toolCalls };
    const checked = assistantContent.safeParse(message);
    if (checked.success) return checked.data;
    const [issue] = checked.error.issues;
    throw new MalformedAnswer(`${issue?.path.join('.')}: ${issue?.message}`);
  }

  /**
   * A piece belongs to the call of its index. Some servers leave the index out, or give every call the index 0: then a
   * piece that names a tool and bears another id begins a new call.
   */
  #addCall(piece: ChatCallPiece): void {
    const open = piece.index === undefined ? this.#calls.at(-1) : this.#calls.findLast(({ index }) => index === piece.index);
    const isAnother = open !== undefined && piece.name !== '' && piece.id !== '' && open.id !== '' && piece.id !== open.id;
    const unnumbered = piece.index === undefined && piece.name !== '' && (open === undefined || piece.id === '' || piece.id !== open.id);
    if (open === undefined || isAnother || unnumbered) {
      this.#calls.push({ index: piece.index, id: piece.id, name: piece.name, arguments: piece.arguments });
      return;
    }
    open.id ||= piece.id;
    open.name ||= piece.name;
    open.arguments += piece.arguments;
  }

  #toolCalls(idPrefix: string): ToolCall[] {
    const seen = new Set<string>();
    return this.#calls.map((call, place) => {
      const usable = call.id !== '' && call.id.length <= ID_CHARACTERS_MAX && !seen.has(call.id);
      const id = usable ? call.id : `${idPrefix}_${place}`;
      seen.add(id);
      return { id, tool: call.name, arguments: call.arguments };
    });
  }
}
