import { createHash } from 'node:crypto';
import { blocks, DriftDuringApply, type Block } from '#libs/connectors';
import type { WorkerOptions } from '../../apps/worker/create-worker.js';
import {
  canonicalJson,
  type Effect,
  type FieldChange,
  type Json,
  type JsonObject,
  sameJson,
  systemClock,
} from '#libs/kernel';

/** What the system was asked for since it began. */
export interface SystemCounts {
  /** Looks at an entry while planning and before a write. */
  readonly reads: number;
  readonly writes: number;
  readonly readBacks: number;
  /** Writes that found the value there already: must stay 0 where nothing fails. */
  readonly repeats: number;
}

const BEFORE = 'present';
const AFTER = 'gone';

/** A customer's system in this process's memory: the outermost connector's stand-in, which counts what reaches it. */
export class MemorySystem {
  /** When an entry was looked at for the first time, in milliseconds since 1970. */
  readonly firstLooks = new Map<string, number>();
  private readonly values = new Map<string, Json>();
  private reads = 0;
  private writes = 0;
  private readBacks = 0;
  private repeats = 0;

  counts(): SystemCounts {
    const { reads, writes, readBacks, repeats } = this;
    return { reads, writes, readBacks, repeats };
  }

  /** The whole catalogue with this system behind it; schemas, names and everything else are the shipped ones. */
  blocks(): ReadonlyMap<string, Block> {
    return new Map([...blocks].map(([name, block]) => [name, this.standIn(block)]));
  }

  /** Answers what is asked about a person before a plan is drawn: an ordinary user, known by name. */
  facts(): NonNullable<WorkerOptions['facts']> {
    return {
      readUserFacts: (_context, login) => {
        this.see(`uid=${login}`);
        return Promise.resolve({ identity: login, addresses: [], lastAdministratorOf: [] });
      },
      findUserIdentity: (_context, login) => Promise.resolve(login),
    };
  }

  private standIn(block: Block): Block {
    return {
      ...block,
      plan: ({ stepId }, input) => Promise.resolve(this.effectOn(targetOf(input), stepId)),
      apply: (context, _input, effect) => {
        effect.changes.forEach((change) => this.write(change));
        context.heartbeat();
        return Promise.resolve();
      },
      verify: (_context, _input, { changes }) => {
        const observed = changes.map((change) => ({ ...nameOf(change), value: this.readBack(change) }));
        const proven = changes.every((change, index) => sameJson(change.after, observed[index]!.value));
        return Promise.resolve({ proven, observed, evidence: { by: 'read-back', server: 'memory' } });
      },
      undo: (_context, _input, recorded) => Promise.resolve({ ...recorded, changes: [] }),
    };
  }

  private effectOn(target: string, field: string): Effect {
    this.see(target);
    const before = this.values.get(`${target}#${field}`) ?? BEFORE;
    const changes = before === AFTER ? [] : [{ target, field, before, after: AFTER }];
    return { identity: { id: target, name: target }, changes, irreversible: null, notes: [], kept: [] };
  }

  private see(target: string): void {
    this.reads += 1;
    if (!this.firstLooks.has(target)) this.firstLooks.set(target, systemClock.now().getTime());
  }

  private write({ target, field, before, after }: FieldChange): void {
    const key = `${target}#${field}`;
    const present = this.values.get(key) ?? BEFORE;
    if (sameJson(present, after)) this.repeats += 1;
    else if (!sameJson(present, before)) throw new DriftDuringApply(`${key} changed.`);
    this.values.set(key, after);
    this.writes += 1;
  }

  private readBack({ target, field }: FieldChange): Json {
    this.readBacks += 1;
    return this.values.get(`${target}#${field}`) ?? BEFORE;
  }
}

/** The entry that a step is about; a message is an entry of its own, known by its content. */
function targetOf(input: JsonObject): string {
  if (typeof input['user'] === 'string') return `uid=${input['user']}`;
  return `message=${createHash('sha256').update(canonicalJson(input)).digest('hex')}`;
}

function nameOf({ target, field }: FieldChange): { target: string; field: string } {
  return { target, field };
}
