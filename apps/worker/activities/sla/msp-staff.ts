import { membersOf, onCallNow } from '#libs/oncall';
import { asNamed, findTriggers, listChains, settingsOf, type NamedChain } from '#libs/sla';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { mspTenant } from '#libs/notify';
import type { Chain, Receiver, Trigger } from '#libs/sla/model';

const MOST_CHAINS = 500;

/** Somebody's time on call, in epoch milliseconds. */
export interface OnCall {
  readonly person: string;
  readonly from: number;
  readonly to: number;
}

/** What the MSP has for all of its customers, as it is at this instant. */
export interface Staff {
  readonly msp: string;
  /** Of conferences, with {ticket} and {customer}; null: there are none. */
  readonly conferenceTemplate: string | null;
  readonly triggers: readonly Trigger[];
  readonly chains: ReadonlyMap<string, NamedChain>;
  /** By a schedule's id; null: nobody is. */
  readonly onCall: ReadonlyMap<string, OnCall | null>;
  /** Subjects by a team's id. */
  readonly teams: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads the MSP's triggers and chains, and who is in the teams and schedules that these chains name, or those of a customer that are
 * given. In a transaction of its own: one of a customer's does not see the MSP's rows.
 */
export async function readStaff(database: Database, customers: readonly Chain[]): Promise<Staff> {
  const msp = await database.transaction().execute(mspTenant);
  return inTenants(database, [msp], async (tx) => {
    const chains = (await listChains(tx, [msp], MOST_CHAINS)).map(asNamed);
    const triggers = (await findTriggers(tx, msp))?.triggers as readonly Trigger[] | undefined;
    const named = receiversIn([...customers, ...chains.map(({ chain }) => chain)]);
    return {
      msp,
      conferenceTemplate: (await settingsOf(tx, msp))?.conference_template ?? null,
      triggers: triggers ?? [],
      chains: new Map(chains.map((one) => [one.name, one])),
      onCall: await onCallBy(tx, msp, named),
      teams: await teamsOf(tx, msp, named),
    };
  });
}

function receiversIn(chains: readonly Chain[]): readonly Receiver[] {
  return chains.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'notify' ? step.receivers : [])));
}

async function onCallBy(tx: Transaction, msp: string, receivers: readonly Receiver[]): Promise<Staff['onCall']> {
  const ids = new Set(receivers.flatMap((one) => (one.kind === 'schedule' ? [one.id] : [])));
  const found = new Map<string, OnCall | null>();
  for (const id of ids) found.set(id, (await onCallNow(tx, msp, id))?.now ?? null);
  return found;
}

async function teamsOf(tx: Transaction, msp: string, receivers: readonly Receiver[]): Promise<Staff['teams']> {
  const ids = new Set(receivers.flatMap((one) => (one.kind === 'team' ? [one.id] : [])));
  const found = new Map<string, readonly string[]>();
  for (const id of ids) found.set(id, await membersOf(tx, msp, id));
  return found;
}
