import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { pauseAfter } from '#libs/identity/model';
import { alarmNewsSignal, type AlarmInput } from '../messages.js';
import { alarmMails, alarms } from '../support/proxies.js';

/**
 * An alarm, from its raising until an owner acknowledges it: tells the owners by mail, again and again. The acknowledgement
 * is a row of ours; this workflow only hears that something changed.
 */
export async function alarm({ tenant, id, told = 0 }: AlarmInput): Promise<void> {
  const ref = { tenant, id };
  let news = 0;
  setHandler(alarmNewsSignal, () => void (news += 1));
  for (let number = told + 1; ; number++) {
    const heard = news;
    const mails = new CancellationScope();
    if (!(await alarms.isAlarmOpen(ref))) return;
    // beside the wait: a mail system that is away must not keep the next telling from coming
    mails.run(() => alarmMails().tellOwners({ ...ref, number })).catch(ignoreCancellation);
    await condition(() => news > heard, pauseAfter(number));
    mails.cancel();
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof alarm>({ tenant, id, told: number });
  }
}

function ignoreCancellation(error: unknown): void {
  // what became of each mail is on record, and the next telling follows
  if (!isCancellation(error)) return;
}
