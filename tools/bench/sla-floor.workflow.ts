import { proxySinks, sleep, type Sinks } from '@temporalio/workflow';

export interface FloorSinks extends Sinks {
  readonly floor: { begun(): void };
}

/** The floor of `sla`: a workflow that only sleeps. */
export async function sleeper(milliseconds: number): Promise<void> {
  proxySinks<FloorSinks>().floor.begun();
  await sleep(milliseconds);
}
