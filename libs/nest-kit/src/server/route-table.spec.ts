import { describe, expect, it } from 'vitest';
import { RouteTable } from './route-table.ts';

describe('the routes that are served', () => {
  const table = new RouteTable();
  table.read({ stack: [{}, { route: { path: '/v1/runs', methods: { post: true } } }, { route: { path: '/v1/runs', methods: { get: true } } }, { route: { path: '/v1/runs/:run/events', methods: { get: true } } }, { route: { path: '/a.b', methods: { put: true } } }] });

  it('are told as the contract writes them', () => {
    expect(table.routes).toEqual([{ method: 'post', path: '/v1/runs' }, { method: 'get', path: '/v1/runs' }, { method: 'get', path: '/v1/runs/{run}/events' }, { method: 'put', path: '/a.b' }]);
  });

  it('say what a path takes', () => {
    expect(table.methodsAt('/v1/runs')).toEqual(['POST', 'GET', 'HEAD']);
    expect(table.methodsAt('/V1/runs/')).toEqual(['POST', 'GET', 'HEAD']);
    expect(table.methodsAt('/v1/runs/a/events')).toEqual(['GET', 'HEAD']);
    for (const path of ['/v1/runs/a', '/v1/runs//events', '/v1/runs/a/b/events', '/axb', '/v1']) expect(table.methodsAt(path), path).toEqual([]);
  });
});
