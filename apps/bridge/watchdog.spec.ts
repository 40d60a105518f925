import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Watchdog } from './watchdog.js';

function watched({ limitSeconds = 60, joined = true, holds = true } = {}) {
  const state = { next: 5n, end: 9n, answers: true, stuck: [] as string[] };
  const watchdog = new Watchdog({
    consumer: { isJoined: () => joined, holds: () => holds },
    logger: pino({ level: 'silent' }),
    limitSeconds,
    places: () => Promise.resolve([{ topic: 't', partition: 2, next: state.next, end: state.end }]),
    othersAnswer: () => (state.answers ? Promise.resolve() : Promise.reject(new Error('down'))),
    onStuck: (error) => state.stuck.push(error.message),
  });
  const look = async (...seconds: number[]) => {
    for (const second of seconds) await watchdog.look(second).catch(() => undefined);
    return state.stuck.length;
  };
  return { state, look };
}

describe('Watchdog', () => {
  it('ends a consumer whose place does not move although there are records', async () => {
    const { state, look } = watched();
    expect(await look(0, 30, 59)).toBe(0);
    expect(await look(60)).toBe(1);
    expect(state.stuck[0]).toContain('t/2');
  });

  it('lets a consumer be that moves or has nothing to read', async () => {
    const moving = watched();
    await moving.look(0, 50);
    moving.state.next = 6n;
    expect(await moving.look(100, 150)).toBe(0);
    const idle = watched();
    idle.state.next = idle.state.end;
    expect(await idle.look(0, 100, 200)).toBe(0);
  });

  it('does not count time in which a server did not answer', async () => {
    const { state, look } = watched();
    await look(0, 30);
    state.answers = false;
    expect(await look(100, 1_000)).toBe(0);
    state.answers = true;
    expect(await look(1_001, 1_030)).toBe(0);
    expect(await look(1_031)).toBe(1);
  });

  it('leaves partitions to the bridge that holds them', async () => {
    expect(await watched({ holds: false }).look(0, 100)).toBe(0);
    expect(await watched({ holds: false, joined: false }).look(0, 100)).toBe(1);
  });
});
