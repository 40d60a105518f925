import { describe, expect, it } from '@jest/globals';
import { drawSchedule, parts, RUNS_IN_FLIGHT } from './schedule.js';

describe('the schedule of kills', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(drawSchedule('17', 300, 12)).toEqual(drawSchedule('17', 300, 12));
    expect(drawSchedule('17', 300, 12)).not.toEqual(drawSchedule('18', 300, 12));
  });

  it.each([
    [300, 12],
    [40, 6],
    [120, 7],
  ])('lets each part die, a third behind a write, while enough runs are left: %i events, %i kills', (events, kills) => {
    for (let seed = 0; seed < 50; seed += 1) {
      const drawn = drawSchedule(String(seed), events, kills).kills;
      expect(drawn).toHaveLength(kills);
      expect(new Set(drawn.map((kill) => kill.part))).toEqual(new Set(parts));
      const behind = drawn.filter((kill) => kill.behindWrite);
      expect(behind).toHaveLength(Math.ceil(kills / 3));
      expect(behind.some((kill) => kill.part === 'worker')).toBe(true);
      expect(drawn.every((kill) => events - kill.afterFinished > RUNS_IN_FLIGHT)).toBe(true);
      expect(drawn.map((kill) => kill.afterFinished)).toEqual(
        drawn.map((kill) => kill.afterFinished).sort((a, b) => a - b),
      );
    }
  });
});
