import type { Database } from '#libs/platform/database';
import type { Sample } from '#libs/platform/observability';
import { escalationCounts } from '#libs/sla';

const HELP: Readonly<Record<string, string>> = {
  timers_overdue: 'Tickets that should have been looked at more than 5 s ago.',
  tickets_without_workflow: 'Open tickets that nothing looks at, more than 60 s after they were opened.',
  notifications: 'Notifications of the last day by what became of them, and those that are pending.',
};

/** What the metric says of clocks and tellings. Numbers only: of whom they are is for the API to say. */
export async function escalationSamples(database: Database): Promise<readonly Sample[]> {
  const counts = await escalationCounts(database);
  return counts.map(({ name, label, value }) => ({
    ...{ name: `stellwerk_sla_${name}`, help: HELP[name] ?? name, value: Number(value) },
    ...(label === '' ? {} : { labels: { status: label } }),
  }));
}
