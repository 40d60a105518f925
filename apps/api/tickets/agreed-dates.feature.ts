import { serviceLevels } from '#libs/sla';
import type { Feature } from '../feature.js';
import { AgreedDates } from './agreed-dates.js';
import { AgreedDatesController } from './agreed-dates.controller.js';

export const agreedDatesFeature: Feature = {
  controllers: [AgreedDatesController],
  providers: ({ database, hint }) => [
    { provide: AgreedDates, useValue: new AgreedDates(database, hint, serviceLevels) },
  ],
};
