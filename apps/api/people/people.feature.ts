import type { Feature } from '../feature.js';
import { PeopleController } from './people.controller.js';
import { People } from './people.js';

export const peopleFeature: Feature = {
  controllers: [PeopleController],
  providers: ({ database }) => [{ provide: People, useValue: new People(database) }],
};
