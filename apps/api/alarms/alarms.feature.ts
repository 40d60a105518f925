import type { Feature } from '../feature.js';
import { AlarmDesk } from './alarm-desk.js';
import { AlarmsController } from './alarms.controller.js';

export const alarmsFeature: Feature = {
  controllers: [AlarmsController],
  providers: ({ database }) => [{ provide: AlarmDesk, useValue: new AlarmDesk(database) }],
};
