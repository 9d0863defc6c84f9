/** Numbers and times as people read them, the same in every language of the machine. */
import type { Usage } from '@runledger/sdk';

export function duration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${whole} ms`;
  const tenths = Math.round(whole / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(whole / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

const two = (count: number) => String(count).padStart(2, '0');

export function number(count: number): string {
  return count.toLocaleString('en-US');
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** Tokens in and out, `1,200→85`. */
export function tokens({ inputTokens, outputTokens }: Usage): string {
  return `${number(inputTokens)}→${number(outputTokens)}`;
}

/** `1,200 tokens in (80 read from the cache), 85 out (12 for reasoning)` */
export function tokensInWords(usage: Usage): string {
  const { cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = usage;
  const cache = [cacheReadTokens > 0 ? `${number(cacheReadTokens)} read from the cache` : '', cacheWriteTokens > 0 ? `${number(cacheWriteTokens)} written to it` : ''].filter(Boolean).join(', ');
  const reasoning = reasoningTokens > 0 ? ` (${number(reasoningTokens)} for reasoning)` : '';
  return `${counted(usage.inputTokens, 'token')} in${cache === '' ? '' : ` (${cache})`}, ${number(usage.outputTokens)} out${reasoning}`;
}

/** RFC 3339 as `2026-01-15 09:00:00Z`. */
export function clock(time: string): string {
  return time.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}
