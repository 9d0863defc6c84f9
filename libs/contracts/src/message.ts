/** What is said in a run. Every piece stands in the log once, under the hash of its JSON text. */
import { z } from 'zod';

/** One call that a model asks for. `arguments` is the text that the model wrote, not checked yet. */
export const toolCall = z.strictObject({
  id: z.string().min(1).max(200).describe("The model's own id of the call."),
  tool: z.string().min(1).max(200),
  arguments: z.string().describe('JSON text, as the model wrote it.'),
});
export type ToolCall = z.infer<typeof toolCall>;

/** What a model answered: words, calls, or both. */
export const assistantContent = z.strictObject({
  text: z.string().nullable(),
  toolCalls: z.array(toolCall).max(1000).optional(),
});
export type AssistantContent = z.infer<typeof assistantContent>;

/** A message as a model is given it. */
export type Message =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string | null; readonly toolCalls?: readonly ToolCall[] | undefined }
  | { readonly role: 'tool'; readonly callId: string; readonly tool: string; readonly text: string };

/** A piece of content in an event: in full where it first stands in the run, by its hash afterwards. */
export function contentOf<Body extends z.ZodType>(body: Body) {
  return z.strictObject({
    hash: z.string().length(43).describe('SHA-256 of the JSON text of the body, base64url.'),
    body: body.optional().describe('Left out where the same content stands earlier in the run.'),
  });
}

export const textContent = contentOf(z.string());
export type TextContent = z.infer<typeof textContent>;
export const assistantMessageContent = contentOf(assistantContent);
export type AssistantMessageContent = z.infer<typeof assistantMessageContent>;

/** Tokens as the provider counted them; 0 where it said nothing. */
export const usage = z.strictObject({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cacheReadTokens: z.number().int().nonnegative().optional(),
  cacheWriteTokens: z.number().int().nonnegative().optional(),
  reasoningTokens: z.number().int().nonnegative().optional(),
});
export type Usage = z.infer<typeof usage>;
