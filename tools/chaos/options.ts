import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { parts, RUNS_IN_FLIGHT } from './schedule.js';

export interface ChaosOptions {
  readonly events: number;
  /** 0 with `rolling`. */
  readonly kills: number;
  readonly seed: string;
  /** Restarts api, bridge and worker in turn instead of killing. */
  readonly rolling: boolean;
}

const FEWEST_EVENTS = RUNS_IN_FLIGHT * 2;

/**
 * Reads `--events 300 --kills 12 --seed S [--rolling]`; a seed that is not given is drawn and told.
 * @throws Error naming the option that cannot be
 */
export function readOptions(words: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      events: { type: 'string', default: '300' },
      kills: { type: 'string', default: '12' },
      seed: { type: 'string', default: String(randomInt(1_000_000)) },
      rolling: { type: 'boolean', default: false },
    },
  });
  const events = wholeNumber('--events', values.events, FEWEST_EVENTS, 5_000);
  const kills = wholeNumber('--kills', values.kills, parts.length, Math.floor(events / 3));
  return { events, kills: values.rolling ? 0 : kills, seed: values.seed, rolling: values.rolling };
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`${name} must be a whole number from ${least} to ${most}, but is "${text}".`);
}
