import type { Feature } from '../feature.js';
import { ReadRuns } from './read-runs.js';
import { ReinstateRun } from './reinstate-run.js';
import { RunsController } from './runs.controller.js';

export const runsFeature: Feature = {
  controllers: [RunsController],
  providers: ({ database, hint }) => [
    { provide: ReadRuns, useValue: new ReadRuns(database) },
    { provide: ReinstateRun, useValue: new ReinstateRun(database, hint) },
  ],
};
