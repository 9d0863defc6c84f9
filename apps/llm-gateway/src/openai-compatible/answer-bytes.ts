/** The bytes of an answer, never more than are allowed. */
import { AnswerTooLarge } from './call-failure.ts';

const REST = { bytesMax: 65_536, waitMs: 500 };

/** Throws `AnswerTooLarge`, and what the connection throws. */
export async function* answerBytes(body: ReadableStream<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  let bytes = 0;
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      bytes += value.byteLength;
      if (bytes > bytesMax) throw new AnswerTooLarge(`The model upstream sent more than ${bytesMax} bytes. Ask for fewer output tokens, or raise responseBytesMax.`);
      yield value;
    }
  } finally {
    if (!ended) void readRest(reader, bytes > bytesMax ? 0 : REST.bytesMax);
  }
}

/** As text, cut at the limit: an error page may be of any size. */
export async function answerText(body: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    if (body !== null) for await (const chunk of answerBytes(body, bytesMax)) text += decoder.decode(chunk, { stream: true });
  } catch {
    // What was read so far says more than that there would have been more.
  }
  return text;
}

/**
 * A connection can be used again only if its answer was read to the end, and behind `[DONE]` that end is near. Nobody waits
 * for this, and what is not there soon is given up with the connection.
 */
async function readRest(reader: ReadableStreamDefaultReader<Uint8Array>, bytesMax: number): Promise<void> {
  const giveUp = () => reader.cancel().catch(() => undefined);
  const timer = setTimeout(() => void giveUp(), REST.waitMs);
  timer.unref();
  try {
    for (let bytes = 0; bytes < bytesMax; ) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.byteLength;
    }
    await giveUp();
  } catch {
    // The connection is gone, and nobody needs it.
  } finally {
    clearTimeout(timer);
  }
}
