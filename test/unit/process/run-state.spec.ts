import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  activityGroups,
  applyAct,
  applyResult,
  askAnew,
  beginRunState,
  heldSteps,
  holdDrifted,
  markRunning,
  newlyMissed,
  nextMoves,
  outcomeOf,
  refuseHeld,
  releaseHeld,
  skipBlocked,
  stepsOfDifference,
  undoOrder,
  withFollowers,
  type Refusal,
  type RunGraph,
  type RunState,
  type Sharing,
  type StepOutcome,
} from '#libs/process/model';
import { GraphFactory } from '../../support/graph.factory.js';

const START = '2026-12-01T16:00:00.000Z';
const AT_START = Date.parse(START);

const chain = GraphFactory.startingAt(START)
  .step('a')
  .step('b', { dependsOn: ['a'] })
  .step('c', { dependsOn: ['b'] })
  .build();

function end(state: RunState, stepId: string, outcome: StepOutcome): RunState {
  return applyResult(state, { stepId, kind: 'ended', outcome }, AT_START);
}

function started(graph: RunGraph, state: RunState, now = AT_START): string[] {
  return nextMoves(graph, state, now)
    .groups.flat()
    .map((step) => step.id);
}

describe('what runs next', () => {
  it('starts nothing before the run may start, and says until when it waits', () => {
    const moves = nextMoves(chain, beginRunState(chain), AT_START - 1);
    expect(moves.groups).toEqual([]);
    expect(moves.waitingFor).toEqual({ kind: 'time', until: START });
    expect(moves.wakeAt).toBe(AT_START);
  });

  it('starts what depends on nothing, then what became free', () => {
    const state = beginRunState(chain);
    expect(started(chain, state)).toEqual(['a']);
    expect(started(chain, end(state, 'a', 'succeeded'))).toEqual(['b']);
    expect(started(chain, end(state, 'a', 'already_in_desired_state'))).toEqual(['b']);
  });

  it('groups steps that are ready together by their system', () => {
    const graph = GraphFactory.startingAt(START).step('a').step('mail', { system: 'mail' }).step('b').build();
    const groups = nextMoves(graph, beginRunState(graph), AT_START).groups.map((group) => group.map((step) => step.id));
    expect(groups).toEqual([['a', 'b'], ['mail']]);
  });

  it('waits for a step with a later instant of its own while nothing else is left', () => {
    const graph = GraphFactory.startingAt(START)
      .step('a')
      .step('delete', { dependsOn: ['a'], notBefore: '2026-12-31T16:00:00.000Z' })
      .build();
    const moves = nextMoves(graph, end(beginRunState(graph), 'a', 'succeeded'), AT_START);
    expect(moves).toMatchObject({
      groups: [],
      ended: false,
      waitingFor: { kind: 'time', until: '2026-12-31T16:00:00.000Z' },
    });
  });

  it('starts nothing while paused, and goes on after resume', () => {
    const paused = applyAct(beginRunState(chain), chain, { act: 'pause' });
    expect(nextMoves(chain, paused, AT_START)).toMatchObject({ groups: [], waitingFor: { kind: 'resume' } });
    expect(started(chain, applyAct(paused, chain, { act: 'resume' }))).toEqual(['a']);
  });
});

describe('a step that does not succeed', () => {
  it('ends its dependants as skipped with the reason, and the run with errors', () => {
    const state = skipBlocked(end(beginRunState(chain), 'a', 'succeeded'), chain);
    const failed = skipBlocked(end(state, 'b', 'failed'), chain);
    expect(failed.steps['c']).toMatchObject({
      status: 'ended',
      outcome: 'skipped',
      reason: 'depends on b, which did not succeed',
    });
    expect(outcomeOf(failed)).toBe('completed_with_errors');
  });

  it('names the step where it began, however long the chain', () => {
    const failed = skipBlocked(end(beginRunState(chain), 'a', 'failed'), chain);
    expect(failed.steps['c']!.reason).toBe('depends on a, which did not succeed');
    expect(outcomeOf(failed)).toBe('failed');
  });

  it('does not keep a step from running that runs after failures', () => {
    const graph = GraphFactory.startingAt(START)
      .step('a')
      .step('tell', { dependsOn: ['a'], runsAfterFailure: true })
      .build();
    const state = skipBlocked(end(beginRunState(graph), 'a', 'failed'), graph);
    expect(started(graph, state)).toEqual(['tell']);
  });

  it('goes back to pending with its skipped dependants when it is retried', () => {
    const failed = skipBlocked(end(beginRunState(chain), 'a', 'failed'), chain);
    const retried = applyAct(failed, chain, { act: 'retry', stepId: 'a' });
    expect(Object.values(retried.steps).map((step) => step.status)).toEqual(['pending', 'pending', 'pending']);
  });

  it('is not retried when it succeeded', () => {
    const done = end(beginRunState(chain), 'a', 'succeeded');
    expect(applyAct(done, chain, { act: 'retry', stepId: 'a' })).toBe(done);
  });

  it('leaves steps alone that a person skipped when another step is retried', () => {
    const skipped = applyAct(beginRunState(chain), chain, { act: 'skip', stepId: 'c', reason: 'not needed' });
    const failed = skipBlocked(end(skipped, 'a', 'failed'), chain);
    expect(applyAct(failed, chain, { act: 'retry', stepId: 'a' }).steps['c']).toMatchObject({
      outcome: 'skipped',
      reason: 'not needed',
    });
  });
});

describe('drift', () => {
  const graph = GraphFactory.startingAt(START)
    .step('move')
    .step('after_move', { dependsOn: ['move'] })
    .step('other')
    .step('lock', { dependsOn: ['move'], accessCritical: true })
    .build();

  it('holds the step and its dependants, while the rest and access-critical steps go on', () => {
    const held = holdDrifted(beginRunState(graph), [{ stepId: 'move', identity: false }]);
    expect(started(graph, held)).toEqual(['other', 'lock']);
    expect(heldSteps(held)).toEqual(['move']);
  });

  it('of the identity holds everything, access-critical steps included', () => {
    const held = holdDrifted(beginRunState(graph), [{ stepId: 'move', identity: true }]);
    expect(nextMoves(graph, held, AT_START)).toMatchObject({
      groups: [],
      waitingFor: { kind: 'approval', steps: ['move'], identity: true },
    });
  });

  it('lets held steps run once the difference was approved', () => {
    const held = holdDrifted(beginRunState(graph), [{ stepId: 'move', identity: true }]);
    expect(started(graph, releaseHeld(held, stepsOfDifference(held)))).toEqual(['move', 'other']);
  });

  it('skips held steps and what depends on them when the difference was refused', () => {
    const held = holdDrifted(beginRunState(graph), [{ stepId: 'move', identity: false }]);
    const refused = skipBlocked(refuseHeld(held, stepsOfDifference(held), 'keep her address'), graph);
    expect(refused.steps['move']).toMatchObject({ outcome: 'skipped', reason: 'keep her address' });
    expect(refused.steps['after_move']!.outcome).toBe('skipped');
    expect(refused.steps['other']!.status).toBe('pending');
  });

  it('ends everything open when another object was refused', () => {
    const held = holdDrifted(beginRunState(graph), [{ stepId: 'move', identity: true }]);
    const refused = refuseHeld(held, stepsOfDifference(held), 'another person');
    expect(Object.values(refused.steps).every((step) => step.outcome === 'skipped')).toBe(true);
  });

  it('found later waits for a difference of its own', () => {
    const held = holdDrifted(beginRunState(graph), [{ stepId: 'move', identity: false }]);
    const more = holdDrifted(held, [{ stepId: 'other', identity: false }]);
    expect(heldSteps(releaseHeld(more, ['move']))).toEqual(['other']);
    expect(refuseHeld(more, ['move'], 'no').steps['other']!.status).toBe('held');
  });

  it('does not touch a step that runs or ended', () => {
    const running = markRunning(end(beginRunState(graph), 'other', 'succeeded'), ['move']);
    expect(
      holdDrifted(running, [
        { stepId: 'move', identity: false },
        { stepId: 'other', identity: false },
      ]),
    ).toEqual(running);
  });
});

describe('cancelling', () => {
  it('ends what has not begun and keeps what runs', () => {
    const running = markRunning(beginRunState(chain), ['a']);
    const cancelled = applyAct(running, chain, { act: 'cancel', undo: true, reason: 'wrong person' });
    expect(cancelled.steps['a']!.status).toBe('running');
    expect(cancelled.steps['b']).toMatchObject({ outcome: 'skipped', reason: 'run cancelled: wrong person' });
    expect(outcomeOf(end(cancelled, 'a', 'succeeded'))).toBe('cancelled');
  });

  it('takes back what was written, the last first, and nothing irreversible', () => {
    const graph = GraphFactory.startingAt(START)
      .step('a')
      .step('password', { undoable: false })
      .step('b', { dependsOn: ['a', 'password'] })
      .step('c', { dependsOn: ['b'] })
      .build();
    const done = ['a', 'password', 'b'].reduce((state, id) => end(state, id, 'succeeded'), beginRunState(graph));
    expect(undoOrder(graph, end(done, 'c', 'failed')).map((step) => step.id)).toEqual(['b', 'a']);
  });

  it('takes back what may have been written too, though nobody knows its outcome', () => {
    const stopped = applyResult(
      markRunning(end(beginRunState(chain), 'a', 'succeeded'), ['b']),
      { stepId: 'b', kind: 'ended', outcome: 'unknown', written: true },
      AT_START,
    );
    const cancelled = applyAct(stopped, chain, { act: 'cancel', undo: true });
    expect(undoOrder(chain, cancelled).map((step) => step.id)).toEqual(['b', 'a']);
    expect(undoOrder(chain, end(stopped, 'b', 'compensated')).map((step) => step.id)).toEqual(['a']);
  });

  describe('without undoing, while something lasts that a later step was to end', () => {
    const LATER = '2026-12-31T16:00:00.000Z';
    const graph = GraphFactory.startingAt(START)
      .step('disable')
      .step('grant')
      .step('end_grant', { dependsOn: ['grant'], takesBack: 'grant', notBefore: LATER, undoable: false })
      .build();
    const begun = ['disable', 'grant'].reduce((state, id) => end(state, id, 'succeeded'), beginRunState(graph));
    const taken = (state: RunState): string[] =>
      undoOrder(graph, applyAct(state, graph, { act: 'cancel', undo: false })).map((step) => step.id);

    it('ends that with the run, and leaves all else', () => {
      expect(taken(begun)).toEqual(['grant']);
    });

    it('leaves alone what a step or a person has ended already', () => {
      expect(taken(end(begun, 'end_grant', 'succeeded'))).toEqual([]);
      expect(taken(applyAct(begun, graph, { act: 'skip', stepId: 'end_grant', reason: 'she keeps it' }))).toEqual([]);
      expect(undoOrder(graph, end(begun, 'end_grant', 'succeeded')).map((step) => step.id)).toEqual(['disable']);
    });

    it('has nothing to end before it began', () => {
      expect(taken(beginRunState(graph))).toEqual([]);
    });
  });

  it('cannot be followed by another act', () => {
    const cancelled = applyAct(beginRunState(chain), chain, { act: 'cancel', undo: false, reason: 'x' });
    expect(applyAct(cancelled, chain, { act: 'pause' })).toBe(cancelled);
  });
});

describe('a step that our tables did not let begin', () => {
  const refused = (state: RunState, why: Refusal, now: number, dueAt?: string): RunState =>
    applyResult(markRunning(state, ['a']), { stepId: 'a', kind: 'refused', why, ...(dueAt ? { dueAt } : {}) }, now);

  it('is asked again with growing pauses, never at once, and shows what it waits for meanwhile', () => {
    let state = beginRunState(chain);
    let now = AT_START;
    const pauses: number[] = [];
    for (let round = 0; round < 12; round++) {
      state = refused(state, 'paused', now);
      const moves = nextMoves(chain, state, now);
      expect(moves).toMatchObject({ groups: [], waitingFor: { kind: 'resume' } });
      pauses.push(moves.wakeAt! - now);
      now = moves.wakeAt!;
      expect(started(chain, state, now)).toEqual(['a']);
      expect(nextMoves(chain, markRunning(state, ['a']), now).waitingFor).toEqual({ kind: 'resume' });
    }
    expect(pauses.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(pauses.at(-1)).toBe(300_000);
  });

  it('is asked at once when an act comes', () => {
    const waiting = refused(beginRunState(chain), 'paused', AT_START);
    expect(started(chain, askAnew(waiting), AT_START)).toEqual(['a']);
  });

  it('waits for the new hour when it was put off', () => {
    const later = '2026-12-05T16:00:00.000Z';
    const moves = nextMoves(chain, refused(beginRunState(chain), 'not_due', AT_START, later), AT_START);
    expect(moves).toMatchObject({ groups: [], wakeAt: Date.parse(later), waitingFor: { kind: 'time', until: later } });
  });

  it('waits for an agreement, and is asked once an hour at most', () => {
    let state = beginRunState(chain);
    for (let round = 0; round < 20; round++) state = refused(state, 'no_agreement', AT_START);
    const moves = nextMoves(chain, state, AT_START);
    expect(moves).toMatchObject({ groups: [], wakeAt: AT_START + 3_600_000, waitingFor: { kind: 'agreement' } });
  });

  it('counts anew after it began', () => {
    const again = end(refused(beginRunState(chain), 'paused', AT_START), 'a', 'failed');
    const retried = applyAct(again, chain, { act: 'retry', stepId: 'a' });
    expect(started(chain, retried)).toEqual(['a']);
  });

  it('or whose activity returned before its turn is asked at once, but only once', () => {
    const unbegun = (state: RunState): RunState => applyResult(state, { stepId: 'a', kind: 'not_started' }, AT_START);
    const once = unbegun(beginRunState(chain));
    expect(started(chain, once)).toEqual(['a']);
    expect(started(chain, unbegun(once))).toEqual([]);
  });
});

describe('locking out a run that is paused', () => {
  const graph = GraphFactory.startingAt(START)
    .step('disable', { accessCritical: true })
    .step('phone')
    .step('groups', { dependsOn: ['disable'] })
    .build();
  const paused = applyAct(beginRunState(graph), graph, { act: 'pause' });
  const ordered = applyAct(paused, graph, { act: 'lock_out' });

  it('begins what locks out, before its hour, and nothing else', () => {
    expect(started(graph, ordered, AT_START - 1)).toEqual(['disable']);
    const shared = withFollowers(graph, ordered, [graph.steps[0]!], AT_START, 'site');
    expect(shared.map((step) => step.id)).toEqual(['disable']);
    expect(nextMoves(graph, end(ordered, 'disable', 'succeeded'), AT_START)).toMatchObject({
      groups: [],
      waitingFor: { kind: 'resume' },
    });
  });
});

describe('steps that share an activity', () => {
  const graph = GraphFactory.startingAt(START)
    .step('disable')
    .step('groups', { dependsOn: ['disable'] })
    .step('mail', { system: 'mail', dependsOn: ['groups'] })
    .step('hook', { system: 'hooks' })
    .step('later', { notBefore: '2027-01-01T00:00:00.000Z' })
    .build();
  const state = beginRunState(graph);
  const shared = (sharing: Sharing | null): string[][] =>
    activityGroups(nextMoves(graph, state, AT_START).groups, sharing).map((ready) =>
      withFollowers(graph, state, ready, AT_START, sharing ?? 'system').map((step) => step.id),
    );

  it('have their site in common: all that is due and what only waits for it', () => {
    expect(shared('site')).toEqual([['disable', 'hook', 'groups', 'mail']]);
  });

  it('have their system in common in runs that began before', () => {
    expect(shared('system')).toEqual([['disable', 'groups'], ['hook']]);
  });

  it('are none where nothing is due', () => {
    expect(activityGroups([], 'site')).toEqual([]);
  });
});

describe('a deadline', () => {
  const graph = GraphFactory.startingAt(START)
    .step('disable', { accessCritical: true, deadline: '2026-12-01T16:15:00.000Z' })
    .build();

  it('is missed by a step that ends without having been done', () => {
    expect(newlyMissed(graph, end(beginRunState(graph), 'disable', 'failed'), AT_START)).toHaveLength(1);
  });

  it('is none any more when the run is called off: she stays', () => {
    const cancelled = applyAct(beginRunState(graph), graph, { act: 'cancel', undo: false });
    expect(newlyMissed(graph, cancelled, AT_START)).toEqual([]);
    expect(newlyMissed(graph, cancelled, AT_START + 3_600_000)).toEqual([]);
  });
});

describe('any graph', () => {
  const outcomes: StepOutcome[] = ['succeeded', 'already_in_desired_state', 'failed', 'unknown'];
  const graphs = fc
    .array(fc.record({ deps: fc.array(fc.nat(20), { maxLength: 3 }), late: fc.boolean(), after: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    })
    .map((nodes) =>
      nodes
        .reduce(
          (factory, node, index) =>
            factory.step(`s${index}`, {
              dependsOn: index === 0 ? [] : [...new Set(node.deps.map((dep) => `s${dep % index}`))],
              runsAfterFailure: node.after,
              notBefore: node.late ? '2026-12-02T16:00:00.000Z' : null,
            }),
          GraphFactory.startingAt(START),
        )
        .build(),
    );

  it('comes to its end, with each step after those it depends on, each once', () => {
    fc.assert(
      fc.property(graphs, fc.infiniteStream(fc.constantFrom(...outcomes)), (graph, draws) => {
        let state = beginRunState(graph);
        let now = AT_START;
        const order: string[] = [];
        for (let round = 0; round < 100; round++) {
          state = skipBlocked(state, graph);
          const moves = nextMoves(graph, state, now);
          if (moves.ended) break;
          for (const step of moves.groups.flat()) {
            for (const id of step.dependsOn) expect(state.steps[id]!.status).toBe('ended');
            expect(order).not.toContain(step.id);
            order.push(step.id);
            state = end(state, step.id, draws.next().value as StepOutcome);
          }
          if (moves.groups.length === 0) now = moves.wakeAt!;
        }
        expect(Object.values(state.steps).every((step) => step.status === 'ended')).toBe(true);
        const good = (outcome: StepOutcome | null): boolean =>
          outcome === 'succeeded' || outcome === 'already_in_desired_state';
        expect(outcomeOf(state) === 'completed').toBe(Object.values(state.steps).every((step) => good(step.outcome)));
      }),
    );
  });
});
