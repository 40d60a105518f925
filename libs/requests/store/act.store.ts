import type { Row, Transaction } from '#libs/platform/database';

export type ActRow = Row<'acts'>;

/** People's interventions in a request and its run, in the order they were given. */
export async function listActs(tx: Transaction, tenant: string, requestId: string): Promise<ActRow[]> {
  return tx
    .selectFrom('acts')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('request_id', '=', requestId)
    .orderBy('given_at')
    .orderBy('id')
    .execute();
}
