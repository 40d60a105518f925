import type { Feature } from '../feature.js';
import { CalendarController } from './calendar.controller.js';
import { CalendarFeeds } from './calendar-feeds.js';
import { ReachController } from './reach.controller.js';
import { ReachDesk } from './reach-desk.js';
import { ScheduleDesk } from './schedule-desk.js';
import { SchedulesController } from './schedules.controller.js';
import { Shifts } from './shifts.js';
import { SwapDesk } from './swap-desk.js';

export const oncallFeature: Feature = {
  controllers: [SchedulesController, ReachController, CalendarController],
  providers: ({ database, publicUrl }) => [
    { provide: ScheduleDesk, useValue: new ScheduleDesk(database) },
    { provide: Shifts, useValue: new Shifts(database) },
    { provide: SwapDesk, useValue: new SwapDesk(database) },
    { provide: ReachDesk, useValue: new ReachDesk(database) },
    { provide: CalendarFeeds, useValue: new CalendarFeeds(database, publicUrl) },
  ],
};
