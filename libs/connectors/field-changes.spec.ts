import { describe, expect, it } from '@jest/globals';
import type { Effect, FieldChange, Json } from '#libs/kernel';
import { effectOf, undoFields } from './field-changes.js';

const identity = { id: 'u-1', name: 'uid=a,dc=x' };
const change = (field: string, before: Json, after: Json, target = identity.name): FieldChange => ({
  target,
  field,
  before,
  after,
});
const recorded = (...changes: FieldChange[]): Effect => ({ ...effectOf(identity, []), changes });
const undo = (effect: Effect, present: Record<string, Json>, overwrite: string[] = []) =>
  undoFields(effect, overwrite, ({ field }) => Promise.resolve(present[field] ?? null));

describe('an effect', () => {
  it('leaves out what is there already, but not what cannot be compared', () => {
    const opaque = { ...change('password', null, null), opaque: true };
    const effect = effectOf(identity, [change('a', ['x'], ['x']), change('b', null, ['x']), opaque]);
    expect(effect.changes.map((one) => one.field)).toEqual(['b', 'password']);
  });
});

describe('an undo', () => {
  const effect = recorded(change('title', ['old'], ['new']));

  it('brings back what still stands as the run wrote it', async () => {
    expect(await undo(effect, { title: ['new'] })).toEqual({ changes: [change('title', ['new'], ['old'])], kept: [] });
  });

  it('needs nothing where somebody has brought it back', async () => {
    expect(await undo(effect, { title: ['old'] })).toEqual({ changes: [], kept: [] });
  });

  it('keeps what somebody else changed, and tells all three values', async () => {
    expect(await undo(effect, { title: ['theirs'] })).toEqual({
      changes: [],
      kept: [
        { target: identity.name, field: 'title', recordedBefore: ['old'], recordedAfter: ['new'], current: ['theirs'] },
      ],
    });
  });

  it('overwrites what it is told to, by the key of the field', async () => {
    expect(await undo(effect, { title: ['theirs'] }, ['.#title'])).toEqual({
      changes: [change('title', ['theirs'], ['old'])],
      kept: [],
    });
    const other = recorded(change('member:a', true, false, 'CN=G,dc=x'));
    const read = () => Promise.resolve('strange');
    expect((await undoFields(other, ['cn=g,dc=x#member:a'], read)).changes).toHaveLength(1);
  });

  it('has nothing to bring back of what cannot be compared', async () => {
    const opaque = recorded({ ...change('password', null, 'new password (sealed)'), opaque: true });
    expect(await undo(opaque, {})).toEqual({ changes: [], kept: [] });
  });
});
