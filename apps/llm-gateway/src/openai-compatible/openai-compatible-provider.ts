/**
 * Models behind the chat completions API, as OpenAI, vLLM, Ollama, llama.cpp, OpenRouter and many others serve it. Answers
 * are streamed, so that a long one is not taken for a dead connection, and put together here.
 */
import type { ModelResult } from '@runledger/runtime';
import { readSse, SseError } from '@runledger/sdk';
import { failedModel } from '../models/model-failure.ts';
import type { ModelProvider, ModelRequest } from '../models/model-provider.ts';
import { AnswerAssembly } from './answer-assembly.ts';
import { answerBytes, answerText } from './answer-bytes.ts';
import { AnswerTooLarge, CutStream, statusFailure, thrownFailure, UpstreamError } from './call-failure.ts';
import { MalformedAnswer, readChunk } from './chat-chunk.ts';
import { chatRequest, type ChatDialect } from './chat-request.ts';

export interface OpenAiCompatibleOptions extends Partial<ChatDialect> {
  /** Up to the version, as `https://api.openai.com/v1` or `http://localhost:11434/v1`. */
  readonly baseUrl: string;
  /** Sent as a bearer token, and shown nowhere. Left out for servers that want none. */
  readonly apiKey?: string | undefined;
  /** As in `model.provider` of an agent. Default `openai-compatible`. */
  readonly name?: string;
  /** Further headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of one answer. Default 8,388,608. */
  readonly responseBytesMax?: number;
}

const RESPONSE_BYTES_MAX = 8_388_608;
const ERROR_BYTES_MAX = 16_384;
const TIMER_MS_MAX = 2 ** 31 - 1;
const DONE = '[DONE]';

/** The provider cannot be built from these options. */
export class ProviderConfigurationError extends Error {
  override readonly name = 'ProviderConfigurationError';
  readonly code = 'provider/invalid';
}

/** Throws `ProviderConfigurationError`. */
export function openAiCompatibleProvider(options: OpenAiCompatibleOptions): ModelProvider {
  const { name = 'openai-compatible', apiKey, responseBytesMax = RESPONSE_BYTES_MAX, outputTokensField = 'max_tokens', streamUsage = true } = options;
  const url = endpointOf(options.baseUrl);
  const headers = { ...options.headers, 'content-type': 'application/json', accept: 'text/event-stream, application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) };
  const withoutKey = (result: ModelResult) => (apiKey && result.outcome === 'failed' ? redacted(result, apiKey) : result);
  return {
    name,
    call: async (request) => {
      const body = JSON.stringify(chatRequest(request, { outputTokensField, streamUsage }));
      return withoutKey(await withinTime(request, (signal, answer) => ask({ url, headers, body, signal, responseBytesMax, request, answer })));
    },
  };
}

interface Exchange {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly responseBytesMax: number;
  readonly request: ModelRequest;
  readonly answer: AnswerAssembly;
}

/** Runs the exchange until it ends, its time is over, or nobody waits any more. */
async function withinTime(request: ModelRequest, exchange: (signal: AbortSignal, answer: AnswerAssembly) => Promise<ModelResult>): Promise<ModelResult> {
  const { signal: abandoned, timeoutMs } = request;
  const answer = new AnswerAssembly();
  const stop = new AbortController();
  const abort = () => stop.abort();
  const timer = setTimeout(abort, Math.min(timeoutMs, TIMER_MS_MAX));
  abandoned.addEventListener('abort', abort, { once: true });
  try {
    if (abandoned.aborted) abort();
    return await exchange(stop.signal, answer);
  } catch (error) {
    if (abandoned.aborted) return failedModel('timeout', 'model/abandoned', 'The call was broken off: nobody waits for it any more.', { usage: answer.usage });
    // The model had finished: only the count of its tokens, or the end of the stream, is missing.
    if (answer.finishReason !== undefined && !(error instanceof AnswerTooLarge)) return completed(answer, request);
    if (stop.signal.aborted) return failedModel('timeout', 'model/timeout', `The model did not answer within ${timeoutMs} ms.`, { usage: answer.usage });
    return thrownFailure(error, answer.usage);
  } finally {
    clearTimeout(timer);
    abandoned.removeEventListener('abort', abort);
  }
}

async function ask(exchange: Exchange): Promise<ModelResult> {
  const { url, headers, body, signal, request, answer } = exchange;
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
  if (!response.ok) return statusFailure(response.status, response.headers, await answerText(response.body, ERROR_BYTES_MAX), Date.now());
  if (response.body === null) throw new CutStream('The model upstream answered without a body.');
  const bytes = answerBytes(response.body, exchange.responseBytesMax);
  if (/^application\/(\w+\+)?json\b/.test(response.headers.get('content-type') ?? '')) await readWhole(bytes, answer);
  else await readStream(bytes, answer, exchange.responseBytesMax);
  return completed(answer, request);
}

async function readWhole(bytes: AsyncIterable<Uint8Array>, answer: AnswerAssembly): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of bytes) text += decoder.decode(chunk, { stream: true });
  take(text, answer);
  if (answer.isMissing) throw new MalformedAnswer('found no choice in it');
}

async function readStream(bytes: AsyncIterable<Uint8Array>, answer: AnswerAssembly, messageCharactersMax: number): Promise<void> {
  let messages = 0;
  let done = false;
  try {
    for await (const { data } of readSse(bytes, { messageCharactersMax })) {
      done = data.trim() === DONE;
      if (done) break;
      messages += 1;
      take(data, answer);
    }
  } catch (error) {
    if (error instanceof SseError) throw new AnswerTooLarge(error.message);
    throw error;
  }
  if (messages === 0 && !done) throw new MalformedAnswer('found no event in it, expected a stream of server-sent events');
  if (done ? answer.isMissing : answer.finishReason === undefined) throw new CutStream(`The stream of the model upstream ended after ${messages} chunks, before its answer did.`);
}

function take(json: string, answer: AnswerAssembly): void {
  const chunk = readChunk(json);
  if (chunk.error !== undefined) throw new UpstreamError(chunk.error);
  answer.add(chunk);
}

function completed(answer: AnswerAssembly, { step, attempt }: ModelRequest): ModelResult {
  const { countedUsage: usage, model } = answer;
  if (answer.finishReason === 'content_filter') return failedModel('policy_denied', 'model/content-filtered', 'The provider withheld the answer (finish_reason content_filter).', { usage });
  try {
    const message = answer.message(`call_${step}_${attempt}`);
    return { outcome: 'completed', message, usage, ...(model !== undefined && model !== '' && { model: model.slice(0, 200) }) };
  } catch (error) {
    return thrownFailure(error, usage);
  }
}

/** Upstreams like to repeat the key that they refuse. */
function redacted(result: Extract<ModelResult, { outcome: 'failed' }>, apiKey: string): ModelResult {
  return { ...result, failure: { ...result.failure, message: result.failure.message.replaceAll(apiKey, '[key]') } };
}

function endpointOf(baseUrl: string): URL {
  const expected = 'expected one as https://api.openai.com/v1, without a key in it';
  if (!URL.canParse(baseUrl)) throw new ProviderConfigurationError(`The base URL of the model provider is no URL: ${expected}.`);
  const url = new URL(baseUrl);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new ProviderConfigurationError(`The base URL of the model provider begins with ${url.protocol}: ${expected}.`);
  if (url.username !== '' || url.password !== '') throw new ProviderConfigurationError(`The base URL of the model provider has a user or a password in it: ${expected}.`);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/chat/completions`;
  return url;
}
