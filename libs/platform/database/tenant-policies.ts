/** A permissive policy that holds for a program's role: the expressions are those that PostgreSQL shows. */
export interface Policy {
  readonly table: string;
  readonly name: string;
  /** Which rows it lets be seen; empty: all that `writes` says. */
  readonly reads: string;
  /** Which rows it lets be written; empty: those of `reads`. */
  readonly writes: string;
}

const READS = ['(tenant_id = ANY (visible_tenants()))', '(tenant_id = written_tenant())'];
const WRITES = ['(tenant_id = written_tenant())'];
const TENANTS_READS = ['(id = ANY (visible_tenants()))', '(id = written_tenant())'];
const TENANTS_WRITES = ['(id = written_tenant())'];

/**
 * Policies that reach across tenants, with why. Whatever else is as wide was made by somebody who should not have: a
 * permissive policy adds rows to those that the others show.
 */
const ACROSS_TENANTS: Readonly<Record<string, readonly [reads: string, writes: string]>> = {
  // the bridge carries every tenant's events, and chains every tenant's audit
  'outbox.bridge_relays': ['true', 'true'],
  'inbox.bridge_takes': ['true', 'true'],
  'dead_letters.bridge_buries': ['true', 'true'],
  'tenants.bridge_knows_tenants': ['true', ''],
  'audit_anchors.bridge_chains': ['true', 'true'],
  'audit_chain.bridge_chains': ['true', 'true'],
  'audit_entries.bridge_chains': ['true', ''],
  'audit_waiting.bridge_chains': ['true', ''],
  // it deletes what has had its time
  'idempotency_keys.bridge_expires_keys': ["(created_at < (now() - '7 days'::interval))", ''],
  'one_time_links.bridge_expires_links': ['(expires_at < now())', 'true'],
  'sessions.bridge_expires_sessions': ["(expires_at < (now() - '30 days'::interval))", ''],
  'sign_in_flows.bridge_expires_flows': ['(expires_at < now())', ''],
  'webhook_deliveries.bridge_sees_old': ["(ended_at < (now() - '30 days'::interval))", ''],
  'webhook_deliveries.bridge_forgets_old': ["(ended_at < (now() - '30 days'::interval))", ''],
  // the keeper of master keys wraps everybody's data keys anew
  'payload_keys.keeper_rewraps': ['true', 'true'],
  'sealed_values.keeper_rewraps': ['true', 'true'],
  'secrets.keeper_rewraps': ['true', 'true'],
  'webhook_secrets.keeper_rewraps': ['true', 'true'],
};

/** What is wrong with a policy: nothing when it keeps to the tenants of the transaction, or is one of the few known ones. */
export function faultOfPolicy({ table, name, reads, writes }: Policy): string[] {
  const known = ACROSS_TENANTS[`${table}.${name}`];
  if (known && known[0] === reads && known[1] === writes) return [];
  const [mayRead, mayWrite] = table === 'tenants' ? [TENANTS_READS, TENANTS_WRITES] : [READS, WRITES];
  const isKept = (reads === '' || mayRead.includes(reads)) && (writes === '' || mayWrite.includes(writes));
  return isKept && reads + writes !== '' ? [] : [`the policy ${name} of the table ${table} reaches across tenants`];
}

/** What the policies ask, as the first migration wrote it. */
const SOURCES: Readonly<Record<string, string>> = {
  visible_tenants: "SELECT string_to_array(current_setting('stellwerk.tenants', true), ',')",
  written_tenant: "SELECT nullif(current_setting('stellwerk.tenants', true), '')",
};

/** Which of the functions that the policies ask do not give this transaction's tenants. */
export function faultsOfSettings(found: readonly { readonly name: string; readonly source: string }[]): string[] {
  return Object.entries(SOURCES).flatMap(([name, source]) => {
    const functions = found.filter((one) => one.name === name);
    return functions.length === 1 && functions[0]!.source === source
      ? []
      : [`the function ${name} is not the one that the policies were made for`];
  });
}
