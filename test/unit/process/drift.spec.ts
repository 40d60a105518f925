import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Effect, FieldChange } from '#libs/kernel';
import { approvedText, compareWithApproved, nextDriftLook, type Plan } from '#libs/process/model';

const DN = 'uid=jana,ou=people,dc=muster,dc=example';

function effect(changes: readonly FieldChange[], name = DN): Effect {
  return { identity: { id: 'uuid-1', name }, changes, irreversible: null, notes: [], kept: [] };
}

function change(field: string, before: string | null, after: string | null, target = DN): FieldChange {
  return { target, field, before, after };
}

describe('comparing with what was approved', () => {
  const approved = effect([change('title', 'Buyer', null), change('mobile', '1', null)]);

  it('finds what is left to do', () => {
    const fresh = effect([change('mobile', '1', null)]);
    expect(compareWithApproved(approved, fresh)).toEqual({ kind: 'as_approved', remaining: fresh.changes });
  });

  it('knows when all of it is there already', () => {
    expect(compareWithApproved(approved, effect([]))).toEqual({ kind: 'at_after' });
  });

  it('finds a value that is neither before nor after', () => {
    const comparison = compareWithApproved(
      approved,
      effect([change('title', 'Head of purchasing', null), change('mobile', '1', null)]),
    );
    expect(comparison).toEqual({
      kind: 'drifted',
      fields: [
        { target: DN, field: 'title', approvedBefore: 'Buyer', approvedAfter: null, found: 'Head of purchasing' },
      ],
    });
  });

  it('takes a change that nobody approved for drift: a group joined since', () => {
    const comparison = compareWithApproved(
      approved,
      effect([...approved.changes, change('member', 'x', null, 'cn=new,ou=groups')]),
    );
    expect(comparison).toMatchObject({
      kind: 'drifted',
      fields: [{ target: 'cn=new,ou=groups', approvedBefore: null }],
    });
  });

  it('takes a renamed or moved object for the same one', () => {
    const moved = 'uid=jana,ou=other,dc=muster,dc=example';
    const fresh = effect([change('title', 'Buyer', null, moved), change('mobile', '1', null, moved)], moved);
    expect(compareWithApproved(approved, fresh).kind).toBe('as_approved');
  });

  it('never takes an opaque field for drift', () => {
    const password = { ...change('password', null, 'new'), opaque: true };
    expect(compareWithApproved(effect([password]), effect([{ ...password, before: 'else' }])).kind).toBe('as_approved');
  });
});

describe('what an approval binds to', () => {
  const plan: Plan = {
    process: 'offboarding',
    subject: { kind: 'user', name: 'jana', identity: 'uuid-1' },
    revision: 1,
    startsAt: '2026-12-01T16:00:00.000Z',
    remarks: [],
    steps: [
      {
        id: 'a',
        title: 'A',
        block: 'b',
        verb: 'apply',
        system: 'directory',
        dependsOn: [],
        accessCritical: false,
        runsAfterFailure: false,
        notBefore: null,
        undoable: true,
        input: { user: 'jana' },
        effect: effect([change('title', 'Buyer', null)]),
        source: null,
      },
    ],
  };
  const withStep = (patch: Partial<Plan['steps'][number]>): Plan => ({
    ...plan,
    steps: [{ ...plan.steps[0]!, ...patch }],
  });

  it('does not bind titles, remarks and names of objects', () => {
    const renamed = effect([change('title', 'Buyer', null, 'uid=jana,ou=x')], 'uid=jana,ou=x');
    const same = {
      ...withStep({ title: 'Other words', effect: renamed }),
      remarks: [{ stepId: 'a', code: 'x', text: 'y' }],
    };
    expect(approvedText(same)).toBe(approvedText(plan));
  });

  it.each([
    ['an input', withStep({ input: { user: 'paul' } })],
    ['a before-value', withStep({ effect: effect([change('title', 'Seller', null)]) })],
    ['an after-value', withStep({ effect: effect([change('title', 'Buyer', 'x')]) })],
    [
      'another object',
      withStep({ effect: { ...effect([change('title', 'Buyer', null)]), identity: { id: 'uuid-2', name: DN } } }),
    ],
    ['the start', { ...plan, startsAt: '2026-12-02T16:00:00.000Z' }],
    ['a dependency', withStep({ dependsOn: ['z'] })],
    ['a step', { ...plan, steps: [] }],
  ])('binds %s', (_name, other) => {
    expect(approvedText(other)).not.toBe(approvedText(plan));
  });
});

describe('looking for drift while waiting', () => {
  it('comes close to the start with few looks', () => {
    let left = 30 * 24 * 3_600_000;
    let looks = 0;
    while (left > 60_000) {
      left -= nextDriftLook(left);
      looks += 1;
    }
    expect(looks).toBeLessThan(80);
  });

  it('is never less than a minute and never more than 12 hours away', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (left) => {
        const look = nextDriftLook(left);
        expect(look).toBeGreaterThanOrEqual(60_000);
        expect(look).toBeLessThanOrEqual(12 * 3_600_000);
      }),
    );
  });
});
