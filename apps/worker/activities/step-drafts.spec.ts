import { describe, expect, it } from '@jest/globals';
import { directoryStep, manualStepTemplates, takingBack } from '#libs/requests/model';
import { timedSteps } from './step-drafts.js';

const TIMES = { startsAt: '2026-03-27T16:00:00.000Z', timeZone: 'Europe/Berlin' };
const disable = directoryStep({ id: 'disable', title: 'Disable', block: 'ldap.user.disable', input: { user: 'eva' } });

describe('steps with their instants', () => {
  it('happen at the request’s hour unless they have another day', () => {
    const { drafts } = timedSteps([disable, { ...disable, id: 'later', offsetDays: 2 }], TIMES);
    // the clock is put forward on the 29th: the hour on the wall stays
    expect(drafts.map((draft) => draft.notBefore)).toEqual([null, '2026-03-29T15:00:00.000Z']);
  });

  it('of a request without a zone are counted in days of 24 hours', () => {
    const { drafts } = timedSteps([{ ...disable, offsetDays: 2 }], { startsAt: TIMES.startsAt });
    expect(drafts[0]!.notBefore).toBe('2026-03-29T16:00:00.000Z');
  });

  it('have a deadline counted from their own time', () => {
    const { drafts } = timedSteps([{ ...disable, offsetDays: -1, deadlineMinutes: 15 }], TIMES);
    expect(drafts[0]).toMatchObject({ notBefore: '2026-03-26T16:00:00.000Z', deadline: '2026-03-26T16:15:00.000Z' });
  });

  it('carry nothing that only the process knows', () => {
    const { drafts } = timedSteps([{ ...disable, deadlineMinutes: 15 }], TIMES);
    expect(Object.keys(drafts[0]!).sort()).toEqual([
      'accessCritical',
      'block',
      'deadline',
      'dependsOn',
      'id',
      'input',
      'notBefore',
      'runsAfterFailure',
      'system',
      'title',
    ]);
  });

  it('by hand have a due day, and a reminder on the day before and on the day', () => {
    const task = { title: 'Badge', instructions: null, assignee: null, offsetDays: 0 };
    const manual = (dueDays: number) =>
      timedSteps(manualStepTemplates([{ ...task, dueDays }]), TIMES).drafts[0]!.manual;
    expect(manual(3)).toEqual({
      dueAt: '2026-03-30T15:00:00.000Z',
      remindAt: ['2026-03-29T15:00:00.000Z', '2026-03-30T15:00:00.000Z'],
    });
    expect(manual(1)!.remindAt).toEqual(['2026-03-28T16:00:00.000Z']);
    expect(manual(0)!.remindAt).toEqual(['2026-03-27T16:00:00.000Z']);
  });

  it('that end others are approved as such, and are not undone themselves', () => {
    const end = takingBack(disable, 'return', 'Return', { at: '2026-06-01T06:00:00.000Z' });
    const { drafts, takingBack: ends } = timedSteps([disable, end], TIMES);
    expect(drafts.map(({ id }) => id)).toEqual(['disable']);
    expect(ends).toEqual([
      expect.objectContaining({
        verb: 'undo',
        source: { runId: null, stepId: 'disable' },
        input: { of: { user: 'eva' }, overwrite: [] },
        notBefore: '2026-06-01T06:00:00.000Z',
        dependsOn: ['disable'],
        runsAfterFailure: true,
        undoable: false,
      }),
    ]);
    expect(ends[0]!.effect.changes).toEqual([]);
  });
});
