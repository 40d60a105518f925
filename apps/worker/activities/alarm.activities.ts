import { createHash } from 'node:crypto';
import { findAlarm, noteTold, ownersOfAlarm, type Alarm } from '#libs/identity';
import { alarmMail, Notices } from '#libs/notify';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { Pulse, StepSystems } from '#libs/process';
import type { AlarmRecords, AlarmRef, AlarmTelling } from '../../../workflows/support/activities.js';
import { MailSystemTransport } from './mail-transport.js';

interface Receiver {
  readonly mail: string;
  readonly language: 'de' | 'en';
}

/** Looks at alarms. */
export class AlarmRecordsOnDatabase implements AlarmRecords {
  constructor(private readonly database: Database) {}

  async isAlarmOpen({ tenant, id }: AlarmRef): Promise<boolean> {
    const alarm = await inTenants(this.database, [tenant], (tx) => findAlarm(tx, [tenant], id));
    return alarm !== undefined && alarm.acknowledgedAt === null;
  }
}

/** Tells the owners of the MSP of alarms, by mail. */
export class AlarmActivities {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
  ) {}

  /** Sends the mails of one telling that did not go out yet. One that cannot go out does not keep the others from going. */
  async tellOwners({ tenant, id, number }: AlarmTelling, pulse: Pulse): Promise<void> {
    const found = await inTenants(this.database, [tenant], async (tx) => {
      const alarm = await findAlarm(tx, [tenant], id);
      return alarm && { alarm, timeZone: await zoneOf(tx, tenant), owners: await receiversOf(tx, alarm) };
    });
    if (!found || found.alarm.acknowledgedAt !== null) return;
    const notices = new Notices(this.database, new MailSystemTransport(this.systems, pulse));
    const sent = found.owners.map((owner) =>
      this.tell(notices, found.alarm, owner, { number, timeZone: found.timeZone }),
    );
    const failed = (await Promise.allSettled(sent)).find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    await inTenants(this.database, [tenant], (tx) => noteTold(tx, found.alarm, number));
  }

  private async tell(
    notices: Notices,
    { tenant, id: alarmId, kind, person, lastAt: at, times, change, changedBy }: Alarm,
    { mail, language }: Receiver,
    { number, timeZone }: { readonly number: number; readonly timeZone: string },
  ): Promise<void> {
    const who = createHash('sha256').update(mail.toLowerCase()).digest('hex').slice(0, 12);
    const about = { kind, alarmId, account: person.displayName, at, times, change, changedBy };
    const content = alarmMail(language, { ...about, number, timeZone });
    await notices.send({
      tenant,
      id: `${alarmId}.tell-${number}.${who}`,
      template: `alarm.${kind}`,
      to: mail,
      content,
    });
  }
}

/** Whom it is told to that has an address, each once. */
async function receiversOf(tx: Transaction, alarm: Alarm): Promise<readonly Receiver[]> {
  const owners = (await ownersOfAlarm(tx, alarm)).flatMap(({ mail, language }) =>
    mail === null ? [] : [[mail.toLowerCase(), { mail, language: language ?? 'de' }] as const],
  );
  return [...new Map(owners).values()];
}

async function zoneOf(tx: Transaction, tenant: string): Promise<string> {
  const { time_zone: zone } = await tx
    .selectFrom('tenants')
    .select('time_zone')
    .where('id', '=', tenant)
    .executeTakeFirstOrThrow();
  return zone;
}
