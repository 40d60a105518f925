import { dueReminders, markMissed, markReminded, newlyMissed, type RunGraph, type RunState } from '#libs/process/model';
import type { RunRef } from './activities.js';
import { records, reminderActivities } from './proxies.js';

/** Tells deadlines that were missed and reminds people of what they have in hand, each once. Gives the state after it. */
export async function watchTimes(run: RunRef, graph: RunGraph, state: RunState): Promise<RunState> {
  const stepIds = newlyMissed(graph, state, Date.now()).map((step) => step.id);
  if (stepIds.length > 0) await records.recordMissedDeadlines({ ...run, stepIds });
  const reminders = dueReminders(graph, state, Date.now());
  // a reminder that does not arrive must not keep the run from going on
  for (const reminder of reminders)
    void reminderActivities()
      .remind({ ...run, ...reminder })
      .catch(() => undefined);
  const told = stepIds.length > 0 ? markMissed(state, stepIds) : state;
  return reminders.length > 0 ? markReminded(told, reminders) : told;
}
