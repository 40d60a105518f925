import { sleep } from '@temporalio/workflow';
import type { ServedInput } from '../messages.js';
import { handovers } from '../support/proxies.js';

/**
 * The export of a customer for its handover: writes it file by file, closes it with its manifest, and takes the files away
 * when their time is over. Releases and downloads are calls on our tables, for which nothing waits here.
 */
export async function handover({ tenant, id }: ServedInput): Promise<void> {
  const ref = { tenant, id };
  for (const file of await handovers.handoverFiles(ref)) await handovers.writeHandoverFile({ ...ref, file });
  const { availableDays } = await handovers.finishHandover(ref);
  await sleep(`${availableDays} days`);
  await handovers.discardHandover(ref);
}
