import { describe, expect, it } from 'vitest';
import { cloudEvent, toCloudEvent, type EventContext } from './cloud-event.ts';

const context: EventContext = { tenant: 'acme', run: 'run_0_0123456789abcdefghijklmnop', cause: 'command-1', actor: 'user:ann', agent: 'desk@desk-v1', trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', time: 1_768_467_600_123 };
const event = { id: 'e1', sequence: 3, type: 'RunPaused', version: 1, data: { reason: 'lunch' }, hash: 'h'.repeat(43) };
const iso = (ms: number): string => new Date(ms).toISOString();

describe('an event as it leaves the platform', () => {
  it('is a CloudEvent with our extensions', () => {
    expect(toCloudEvent(context, event, iso)).toEqual({
      specversion: '1.0', id: 'e1', source: '/tenants/acme/runs', type: 'runledger.run.RunPaused', subject: 'run_0_0123456789abcdefghijklmnop', time: '2026-01-15T09:00:00.123Z', datacontenttype: 'application/json',
      dataschema: 'urn:runledger:event:RunPaused:v1', tenantid: 'acme', sequence: 3, causationid: 'command-1', actor: 'user:ann', agent: 'desk@desk-v1',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', hash: 'h'.repeat(43), data: { reason: 'lunch' },
    });
  });

  it('leaves out what is not known', () => {
    const { agent: _agent, trace: _trace, ...less } = context;
    const presented = toCloudEvent(less, event, iso);
    expect('agent' in presented || 'traceparent' in presented).toBe(false);
  });

  it('fits its schema, which lets further extensions pass', () => {
    const presented = toCloudEvent(context, event, iso);
    expect(cloudEvent.parse(presented)).toEqual(presented);
    expect(cloudEvent.parse({ ...presented, epoch: 4 })).toEqual({ ...presented, epoch: 4 });
    expect(cloudEvent.safeParse({ ...presented, type: 'com.example.Paused' }).success).toBe(false);
    expect(cloudEvent.safeParse({ ...presented, sequence: 0 }).success).toBe(false);
  });

  it('names its attributes as CloudEvents asks for: lower-case letters and digits', () => {
    for (const name of Object.keys(toCloudEvent(context, event, iso))) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
  });
});
