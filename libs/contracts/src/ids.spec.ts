import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentName, base32, chosenKey, partitionOf, runId, runIdIn, runIdOfKey, tenantId } from './ids.ts';

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('base 32', () => {
  it.each([
    ['', 0, ''],
    ['f', 1, 'c'],
    ['foo', 4, 'cpnm'],
    ['fooba', 8, 'cpnmuoj1'],
    ['foobar', 9, 'cpnmuoj1e'],
  ])('of %j is that of RFC 4648 with 0-9a-v, whole characters only', (text, length, expected) => {
    expect(base32(bytesOf(text), length)).toBe(expected);
  });

  it('takes the bits in order, five a character', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      const length = Math.floor(bits.length / 5);
      const expected = Array.from({ length }, (_, k) => parseInt(bits.slice(5 * k, 5 * k + 5), 2).toString(32)).join('');
      expect(base32(bytes, length)).toBe(expected);
      expect(base32(bytes, 1000)).toBe(expected);
    }), { seed: 1 });
  });
});

describe('the id of a run', () => {
  it('carries its partition', () => {
    expect(partitionOf(runIdIn(0, '0123456789abcdefghijklmnop'))).toBe(0);
    expect(partitionOf(runIdIn(4711, 'v'.repeat(26)))).toBe(4711);
  });

  it.each(['', 'run_0', 'run_00_0123456789abcdefghijklmnop', 'run_01_0123456789abcdefghijklmnop', 'run_-1_0123456789abcdefghijklmnop', 'run_10000_0123456789abcdefghijklmnop', 'run_0_0123456789abcdefghijklmnow',
    'run_0_0123456789abcdefghijklmno', 'run_0_0123456789abcdefghijklmnopq', 'run_0_0123456789ABCDEFGHIJKLMNOP', 'RUN_0_0123456789abcdefghijklmnop', ' run_0_0123456789abcdefghijklmnop', 'run_0_0123456789abcdefghijklmnop\n'])(
    'is not %j',
    (text) => {
      expect(partitionOf(text)).toBeUndefined();
      expect(runId.safeParse(text).success).toBe(false);
    },
  );
});

describe('the run of a chosen key', () => {
  it.each([
    ['acme', 'order-7', 1, 'run_0_mscidigd61c59mb8vqbe1oa3qh'],
    ['acme', 'order-7', 4, 'run_1_mscidigd61c59mb8vqbe1oa3qh'],
    ['acme', 'order-8', 4, 'run_1_acee5kg4d28ehvb05s2c4bvobb'],
    ['globex', 'order-7', 4, 'run_0_agdaoisqhq5ielqe7nhprnn4th'],
    ['acme', '!~', 64, 'run_63_njled3l2utvtkfntk9g84h47h8'],
  ])('of %s %j among %i partitions is the same for ever', (tenant, key, partitions, expected) => {
    expect(runIdOfKey(tenant, key, partitions, sha256)).toBe(expected);
  });

  it('is a run id in one of the partitions, whatever was chosen', () => {
    fc.assert(fc.property(fc.stringMatching(/^[\x21-\x7e]{1,200}$/), fc.integer({ min: 1, max: 1000 }), (key, partitions) => {
      const run = runIdOfKey('acme', key, partitions, sha256);
      expect(runId.safeParse(run).success).toBe(true);
      expect(partitionOf(run)).toBeLessThan(partitions);
    }), { seed: 1 });
  });

  it('differs between tenants and keys, also where their texts together are the same', () => {
    const runs = [['a', 'bc'], ['ab', 'c'], ['a', 'b-c'], ['a-b', 'c']].map(([tenant = '', key = '']) => runIdOfKey(tenant, key, 1, sha256));
    expect(new Set(runs).size).toBe(runs.length);
  });

  it('spreads keys over the partitions', () => {
    const counts = Array.from({ length: 8 }, () => 0);
    for (let k = 0; k < 4000; k++) {
      const partition = partitionOf(runIdOfKey('acme', `order-${k}`, 8, sha256)) ?? 0;
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(100);
  });

  it('reads the hash where it lies, also inside a larger buffer', () => {
    const inside = (text: string): Uint8Array => {
      const whole = new Uint8Array(64);
      whole.set(sha256(text), 17);
      return whole.subarray(17, 49);
    };
    expect(runIdOfKey('acme', 'order-7', 4, inside)).toBe(runIdOfKey('acme', 'order-7', 4, sha256));
  });
});

describe('what a caller may choose', () => {
  it.each(['a', 'order/7?x=1#y', '~'.repeat(200)])('as a key is %j', (key) => {
    expect(chosenKey.safeParse(key).success).toBe(true);
  });
  it.each(['', ' ', 'a b', 'ä', 'a\n', '\u007f', 'x'.repeat(201)])('as a key is not %j', (key) => {
    expect(chosenKey.safeParse(key).success).toBe(false);
  });
  it.each(['a', '0', 'acme-2', 'x'.repeat(63)])('as a tenant is %j', (tenant) => {
    expect(tenantId.safeParse(tenant).success).toBe(true);
  });
  it.each(['', '-a', 'Acme', 'a_b', 'a\n', 'x'.repeat(64)])('as a tenant is not %j', (tenant) => {
    expect(tenantId.safeParse(tenant).success).toBe(false);
  });
  it.each(['desk', 'd', 'desk-2'])('as the name of an agent is %j', (name) => {
    expect(agentName.safeParse(name).success).toBe(true);
  });
  it.each(['', '2desk', 'Desk', 'desk!', 'x'.repeat(64)])('as the name of an agent is not %j', (name) => {
    expect(agentName.safeParse(name).success).toBe(false);
  });
});
