import { describe, expect, it } from '@jest/globals';
import type { ReceivedRecord } from '#libs/platform/kafka';
import { Suspects } from './suspects.js';

const record = { topic: 't', partition: 1, offset: 7n } as ReceivedRecord;
const grpc = (code: number) => Object.assign(new Error('x'), { code, details: 'x', metadata: {} });
const fail = (suspects: Suspects, times: number, code: number) =>
  Array.from({ length: times }, () => suspects.failed(record, grpc(code)));

describe('Suspects', () => {
  it('blames an event on which the server fails inside while others pass', () => {
    const suspects = new Suspects();
    expect(fail(suspects, 29, 13)).not.toContain(true);
    suspects.succeeded();
    expect(fail(suspects, 1, 13)).toEqual([true]);
  });

  it('blames no event while nothing passes', () => {
    const suspects = new Suspects();
    suspects.succeeded();
    expect(fail(suspects, 100, 13)).not.toContain(true);
  });

  it('blames no event when the server is away or busy', () => {
    const suspects = new Suspects();
    expect(fail(suspects, 40, 14)).not.toContain(true);
    suspects.succeeded();
    expect(fail(suspects, 40, 8)).not.toContain(true);
  });
});
