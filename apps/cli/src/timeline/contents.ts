/** Every piece of content stands in the run once; afterwards only its hash does. This is where it is found again. */
import type { AssistantContent } from '@runledger/sdk';

interface Content<Body> {
  readonly hash: string;
  readonly body?: Body | undefined;
}

const ELSEWHERE = '(its text stands earlier in the run)';

export class Contents {
  readonly #texts = new Map<string, string>();
  readonly #messages = new Map<string, AssistantContent>();

  text({ hash, body }: Content<string>): string {
    if (body !== undefined) this.#texts.set(hash, body);
    return body ?? this.#texts.get(hash) ?? ELSEWHERE;
  }

  message({ hash, body }: Content<AssistantContent>): AssistantContent {
    if (body !== undefined) this.#messages.set(hash, body);
    return body ?? this.#messages.get(hash) ?? { text: ELSEWHERE };
  }

  /** Arguments of the call at that place of the message, from 0. */
  argumentsOf(message: string, call: number): string | undefined {
    return this.#messages.get(message)?.toolCalls?.[call]?.arguments;
  }
}
