import { dueReminders, markMissed, markReminded, newlyMissed, type RunGraph, type RunState } from '#libs/process/model';
import type { RunRef } from './activities.js';
import { records, reminderActivities } from './proxies.js';

/**
 * Tells deadlines that were missed and reminds people of what they have in hand, each once. Gives the state after it.
 * `underWay` holds the reminders until they are sent: one that goes on beyond its history never is.
 */
export async function watchTimes(
  run: RunRef,
  graph: RunGraph,
  state: RunState,
  underWay: Set<Promise<void>>,
): Promise<RunState> {
  const missed = newlyMissed(graph, state, Date.now());
  const stepIds = missed.map((step) => step.id);
  const deadlines = Object.fromEntries(missed.map((step) => [step.id, step.deadline!]));
  const putOff = missed.length > 0 ? await records.recordMissedDeadlines({ ...run, stepIds, deadlines }) : [];
  const reminders = dueReminders(graph, state, Date.now());
  for (const reminder of reminders) {
    // one that does not arrive must not keep the run from going on
    const reminding = reminderActivities()
      .remind({ ...run, ...reminder })
      .catch(() => undefined)
      .finally(() => underWay.delete(reminding));
    underWay.add(reminding);
  }
  // one that was put off is missed by its new deadline, which an act brings
  const told = stepIds.filter((id) => !putOff?.includes(id));
  const watched = told.length > 0 ? markMissed(state, told) : state;
  return reminders.length > 0 ? markReminded(watched, reminders) : watched;
}
