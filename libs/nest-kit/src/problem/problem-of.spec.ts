import { BadRequestException, HttpException, InternalServerErrorException, NotFoundException } from '@nestjs/common';
import { PROBLEMS, type ProblemCode } from '@runledger/contracts';
import { LogError, type LogErrorCode } from '@runledger/event-sourcing';
import { describe, expect, it } from 'vitest';
import { problemBody, ProblemError, problemHeaders } from './problem-error.ts';
import { problemOf } from './problem-of.ts';

describe('what a thrown error means to the caller', () => {
  const logged: Record<LogErrorCode, ProblemCode | undefined> = {
    'log/truncated': 'platform/unavailable', 'log/corrupt': 'platform/unavailable', 'log/record-too-large': 'payload/too-large', 'log/full': 'platform/unavailable',
    'log/read-only': 'platform/unavailable', 'log/locked': 'platform/unavailable', 'log/closed': 'platform/unavailable', 'log/misuse': undefined,
    'log/newer-version': 'platform/unavailable', 'log/inbox-lost': 'platform/unavailable', 'log/unavailable': 'platform/unavailable',
  };

  it.each(Object.entries(logged))('%s becomes %s', (code, expected) => {
    const problem = problemOf(new LogError(code as LogErrorCode, 'in /data/log.db at 17', { file: '/data/log.db' }));
    expect(problem?.code).toBe(expected);
    expect(problem?.message ?? '').not.toContain('/data');
  });

  it('too many waiting commands are a busy platform', () => {
    expect(problemOf(new LogError('log/unavailable', '5 wait', { waiting: 5 }))?.code).toBe('platform/busy');
  });

  it('what Nest throws before a handler is reached has its problem, and the rest is a defect', () => {
    expect(problemOf(new NotFoundException())?.code).toBe('request/unknown-route');
    expect(problemOf(new BadRequestException("Failed to decode param '%FF'"))?.code).toBe('request/invalid');
    for (const defect of [new InternalServerErrorException(), new HttpException('teapot', 418), new Error('x'), 'text', undefined]) expect(problemOf(defect)).toBeUndefined();
  });

  it('a problem stays what it is', () => {
    const problem = new ProblemError('run/ended', 'It has.');
    expect(problemOf(problem)).toBe(problem);
  });
});

describe('a problem', () => {
  it('is written as RFC 9457 says, with our code', () => {
    const errors = [{ path: 'body.input', message: 'is missing' }];
    expect(problemBody(new ProblemError('request/invalid', 'body.input: is missing', { errors }), 'req-1')).toEqual({
      type: 'urn:runledger:problem:request/invalid', title: PROBLEMS['request/invalid'].title, status: 400, detail: 'body.input: is missing', instance: 'urn:runledger:request:req-1', code: 'request/invalid', errors,
    });
    expect(problemBody(new ProblemError('run/unknown', 'There is none.'), 'req-2')).not.toHaveProperty('errors');
  });

  it.each(Object.keys(PROBLEMS) as ProblemCode[])('%s says when to come back if that can help, and that a key is wanted if it is', (code) => {
    const { status } = PROBLEMS[code];
    const headers = problemHeaders(new ProblemError(code, 'x', { headers: { Allow: 'GET' } }));
    expect(Number(headers['Retry-After'] ?? 0) > 0).toBe(status === 503);
    expect(headers['WWW-Authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
    expect(headers['Allow']).toBe('GET');
  });
});
