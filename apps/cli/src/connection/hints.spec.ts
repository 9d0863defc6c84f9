import { describe, expect, it } from 'vitest';
import { endpointIn, isLoopback, type Connection } from './connection.ts';
import { hintsFor } from './with-client.ts';

const connection: Connection = { url: 'http://127.0.0.1:4800', urlFrom: 'the default', key: 'rl_1', keyFrom: '/d/local-api-key', dataDirectory: '/d', endpoint: undefined, keyWithheld: false };
const hints = (code: string, status: number | undefined, more: Partial<Connection> = {}) => hintsFor({ code, status }, { ...connection, ...more }, (pid) => pid === 1).join('\n');

describe('what to try', () => {
  it('where nothing listens is to start a platform, or to say where one is', () => {
    expect(hints('platform/unreachable', undefined)).toMatch(/No URL was given; this is the default\.\n.*runledger start\n.*--url.*--data/);
    expect(hints('platform/unreachable', undefined, { urlFrom: 'RUNLEDGER_URL' })).toMatch(/The URL is from RUNLEDGER_URL/);
  });

  it('where the platform of the data directory has ended is told with its process', () => {
    const endpoint = { url: connection.url, pid: 4711 };
    expect(hints('platform/unreachable', undefined, { endpoint })).toMatch(/endpoint\.json in \/d \(process 4711\) has ended/);
    expect(hints('platform/unreachable', undefined, { endpoint: { ...endpoint, pid: 1 } })).not.toMatch(/ended/);
    expect(hints('platform/unreachable', undefined, { endpoint: { ...endpoint, url: 'http://elsewhere' } })).not.toMatch(/ended/);
  });

  it('where a key was refused, or there is none, is another key', () => {
    expect(hints('key/unknown', 401)).toMatch(/key from \/d\/local-api-key was refused/);
    expect(hints('key/missing', 401, { key: undefined })).toMatch(/there is no local-api-key in \/d/);
    expect(hints('key/missing', 401, { key: undefined, keyWithheld: true, url: 'https://far' })).toMatch(/was not sent to https:\/\/far/);
  });

  it('where the platform has spoken for itself is nothing', () => {
    expect(hints('run/unknown', 404)).toBe('');
  });
});

describe('a URL', () => {
  it.each([['http://127.0.0.1:4800', true], ['http://127.8.8.8', true], ['http://localhost:1', true], ['http://[::1]:80', true], ['http://127.0.0.1.example.com', false], ['https://example.com', false], ['nonsense', false]])('%s is of this machine: %s', (url, expected) => {
    expect(isLoopback(url)).toBe(expected);
  });
});

describe('what a platform has written about itself', () => {
  it.each([
    ['{"url":"http://127.0.0.1:4801","pid":17}', { url: 'http://127.0.0.1:4801', pid: 17 }],
    ['{"url":"http://127.0.0.1:4801","pid":"x"}', { url: 'http://127.0.0.1:4801', pid: undefined }],
    ['{"url":"nonsense"}', undefined],
    ['{"ur', undefined],
    ['null', undefined],
    [undefined, undefined],
  ])('%s', (text, endpoint) => {
    expect(endpointIn(text)).toEqual(endpoint);
  });
});
