import { readFileSync } from 'node:fs';
import type { BlockContext, SystemConnection } from '#libs/connectors';
import type { Effect } from '#libs/kernel';
import type { DirectoryAccess } from '../../../tools/sandbox/index.js';

/** What a test may set of a step's context. */
export interface StepOptions {
  readonly stepId?: string;
  readonly expectedIdentity?: string | null;
  readonly beforeImage?: Effect | null;
  /** The step's worker ends at this heartbeat, counted from 1. */
  readonly endsAtHeartbeat?: number;
}

/** The customer's side of a test: its systems' secrets and what its steps have sealed, which outlives a crash. */
export class Customer {
  readonly secrets = new Map<string, string>();
  readonly sealed = new Map<string, string>();

  constructor(private readonly system: SystemConnection) {}

  /** The context of one attempt of a step. */
  step({
    stepId = 'step',
    expectedIdentity = null,
    beforeImage = null,
    endsAtHeartbeat,
  }: StepOptions = {}): BlockContext {
    const ending = new AbortController();
    let heartbeats = 0;
    return {
      tenant: this.system.tenant,
      runId: '019a0000-0000-7000-8000-000000000001',
      stepId,
      idempotencyKey: `${this.system.tenant}/019a0000-0000-7000-8000-000000000001/${stepId}`,
      system: this.system,
      secrets: {
        resolve: (reference) => this.resolve(reference),
        // like the sealed store: `make` runs each time, the first value stays
        sealOnce: (name, make) => {
          const key = `${stepId}/${name}`;
          const drawn = make();
          if (!this.sealed.has(key)) this.sealed.set(key, drawn);
          return Promise.resolve(this.sealed.get(key)!);
        },
      },
      expectedIdentity,
      beforeImage,
      signal: ending.signal,
      heartbeat: () => {
        heartbeats += 1;
        if (heartbeats === endsAtHeartbeat) ending.abort(new WorkerEnded());
      },
      now: () => new Date(),
    };
  }

  private resolve(reference: string): Promise<string> {
    const value = this.secrets.get(reference);
    return value === undefined ? Promise.reject(new Error(`${reference} is not known`)) : Promise.resolve(value);
  }
}

/** The same step, had somebody left out a part of the system's configuration. */
export function withoutConfig(context: BlockContext, name: string): BlockContext {
  const config = Object.fromEntries(Object.entries(context.system.config).filter(([key]) => key !== name));
  return { ...context, system: { ...context.system, config } };
}

/** Stands for the end of a worker in the middle of a step. */
export class WorkerEnded extends Error {}

/** A customer whose directory is the sandbox's, as Stellwerk's configuration describes it. */
export function directoryCustomer(access: DirectoryAccess, config: SystemConnection['config'] = {}): Customer {
  const { ldaps, bindDn, bindPassword, baseDn, peopleOu, leaversOu, groupsOu, standInMember, caFile } = access;
  const customer = new Customer({
    tenant: 'muster',
    name: 'directory',
    kind: 'ldap',
    config: {
      url: ldaps,
      caPem: readFileSync(caFile, 'utf8'),
      bindDn,
      baseDn,
      peopleOu,
      leaversOu,
      groupsOu,
      standInMember,
      passwordPolicyDn: `cn=default,ou=policies,${baseDn}`,
      dialect: 'openldap',
      ...config,
    },
    secretRef: 'secret://directory-bind',
  });
  customer.secrets.set('secret://directory-bind', bindPassword);
  return customer;
}
