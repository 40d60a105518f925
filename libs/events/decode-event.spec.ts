import { describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { events } from './catalogue.js';
import { decodeEvent, EventDataInvalid } from './decode-event.js';

const headersOf = (type: string): Record<string, string> => ({
  ce_specversion: '1.0',
  ce_id: newId(),
  ce_type: type,
  ce_source: 'test',
  ce_time: '2026-01-01T00:00:00Z',
  ce_partitionkey: 'muster/request/1',
  ce_tenantid: 'muster',
  ce_correlationid: newId(),
  ce_sequence: '1',
});

describe('the schema of an event', () => {
  // schemas are compiled when they are first needed: one that cannot be would show no sooner
  it.each([...events.keys()])('can be checked against, strictly: %s', (type) => {
    expect(() => decodeEvent(headersOf(type), Buffer.from('null'))).toThrow(EventDataInvalid);
  });
});
