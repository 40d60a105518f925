import { describe, expect, it } from '@jest/globals';
import { judge, judgeOrder, type Evidence } from './judgement.js';
import { ofCall, ofMail, ofWrite, type RecordedEffect } from './recorded-effects.js';

const people = 'ou=people,dc=muster,dc=example';
const team = 'cn=team,ou=groups,dc=muster,dc=example';
const leaver = { user: 'leaver-1', told: 'hr.leaver-1@chaos.example', groups: [team] };
const write = (dn: string, ...changes: string[]) =>
  ofWrite({ key: '1', operation: 'modify', dn, actor: 'cn=stellwerk', changes });

const person = `uid=leaver-1,${people}`;
const password = write(person, 'userPassword:= ***', 'pwdChangedTime:= 1Z', 'pwdHistory:+ ***');
const lock = write(person, 'pwdAccountLockedTime:+ 000001010000Z');
const phones = [...write(person, 'telephoneNumber:- 1'), ...write(person, 'mobile:- 2')];
const membership = write(team, `member:- ${person}`, 'member:+ cn=nobody,ou=services,dc=muster,dc=example');
const move = write(person, `newDN:= uid=leaver-1,ou=leavers,dc=muster,dc=example`);
const mail = ofMail({ to: [leaver.told], messageId: '<run-1.notify_mail@muster.example>' });
const call = ofCall({ path: '/hooks/chaos/leaver-1', headers: { 'idempotency-key': 'muster/run-1/notify_webhook' } });
const all: RecordedEffect[] = [...password, ...lock, ...phones, ...membership, ...move, ...mail, call];

const record = (sequence: number, eventId = `event-${sequence}`) => ({
  topic: 't',
  partition: 0,
  offset: 0n,
  key: 'muster/run/run-1',
  sequence,
  eventId,
});

const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  accepted: [{ id: 'request-1', leaver }],
  requests: [{ id: 'request-1', status: 'closed' }],
  runs: [{ id: 'run-1', requestId: 'request-1', status: 'completed' }],
  effects: all,
  underWay: [],
  records: [record(1), record(2)],
  sequences: [{ key: 'muster/run/run-1', sequence: 2 }],
  leftOver: [],
  ...more,
});

describe('the judgement of a run of chaos', () => {
  it('finds nothing wrong where each request ran once and each effect happened once', () => {
    expect(judge(evidence())).toEqual({
      accepted: 1,
      finished: 1,
      lost: 0,
      duplicated: 0,
      repeats: 0,
      inFlight: 0,
      repeated: [],
      complaints: [],
    });
  });

  it.each<[string, Partial<Evidence>]>([
    ['a request without a run', { runs: [] }],
    [
      'a run that did not complete',
      { runs: [{ id: 'run-1', requestId: 'request-1', status: 'completed_with_errors' }] },
    ],
    ['a request that is open', { requests: [{ id: 'request-1', status: 'running' }] }],
    ['an event that the log has not', { records: [record(1)] }],
    ['a row that was not sent', { leftOver: ['1 row of the outbox was not sent'] }],
  ])('counts as lost: %s', (_, more) => {
    expect(judge(evidence(more)).lost).toBeGreaterThan(0);
  });

  it.each(all.map((effect) => effect.name))('counts as lost: the effect "%s" that nobody recorded', (name) => {
    const verdict = judge(evidence({ effects: all.filter((effect) => effect.name !== name) }));
    expect(verdict).toMatchObject({ lost: 1, duplicated: 0 });
  });

  it.each([lock, phones, membership, move])('counts as duplicated: a second write to the directory', (...effects) => {
    const underWay = ['run-1/disable_sign_in', 'run-1/remove_from_groups'];
    const verdict = judge(evidence({ effects: [...all, ...effects], underWay }));
    expect(verdict).toMatchObject({ lost: 0, duplicated: effects.length, repeats: 0 });
  });

  it.each<[string, RecordedEffect]>([
    ['reset_password', password[0]!],
    ['notify_mail', mail[0]!],
    ['notify_webhook', call],
  ])('counts a second %s as a repeat if its step was under way at a kill, else as duplicated', (step, effect) => {
    const effects = [...all, effect];
    expect(judge(evidence({ effects, underWay: [`run-1/${step}`] }))).toMatchObject({ duplicated: 0, repeats: 1 });
    expect(judge(evidence({ effects, underWay: ['run-1/other'] }))).toMatchObject({ duplicated: 1, repeats: 0 });
  });

  it('complains when there are more repeats than effects were under way', () => {
    const verdict = judge(evidence({ effects: [...all, ...mail, ...mail], underWay: ['run-1/notify_mail'] }));
    expect(verdict).toMatchObject({ repeats: 2, inFlight: 1, duplicated: 0 });
    expect(verdict.complaints).toHaveLength(1);
  });

  it.each<[string, Partial<Evidence>]>([
    [
      'a second run',
      { runs: ['run-1', 'run-2'].map((id) => ({ id, requestId: 'request-1', status: 'completed' as const })) },
    ],
    ['a request that no answer named', { requests: ['request-1', 'r2'].map((id) => ({ id, status: 'closed' })) }],
    [
      'a mail of another run',
      { effects: [...all, ...ofMail({ to: [leaver.told], messageId: '<run-2.notify_mail@x>' })] },
    ],
    ['an event before the one that it follows', { records: [record(2), record(1)] }],
  ])('counts as duplicated: %s', (_, more) => {
    expect(judge(evidence(more)).duplicated).toBeGreaterThan(0);
  });
});

describe('the order per key', () => {
  const sequences = [{ key: 'muster/run/run-1', sequence: 3 }];

  it('holds where a sender that died sends again what it had not noted', () => {
    const sent = [1, 2, 3, 2, 3].map((sequence) => record(sequence));
    expect(judgeOrder(sent, sequences)).toEqual({ disordered: [], missing: [] });
  });

  it('is broken by a gap that is filled later, and by two events of one sequence', () => {
    expect(
      judgeOrder(
        [1, 3, 2].map((sequence) => record(sequence)),
        sequences,
      ).disordered,
    ).toHaveLength(1);
    const two = [record(1), record(2), record(2, 'another'), record(3)];
    expect(judgeOrder(two, sequences).disordered).toHaveLength(1);
  });

  it('holds where the events of a key lie in two topics', () => {
    const sent = [{ ...record(2), topic: 'another' }, record(1), record(3)];
    expect(judgeOrder(sent, sequences)).toEqual({ disordered: [], missing: [] });
  });

  it('leaves the keys of others alone', () => {
    expect(judgeOrder([{ ...record(7), key: 'muster/run/foreign' }], [])).toEqual({ disordered: [], missing: [] });
  });
});
