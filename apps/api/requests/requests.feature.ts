import { AcceptRequests, ReadRequests, SubmitRequest } from '#libs/requests';
import type { Feature } from '../feature.js';
import { ConfirmPlan } from './confirm-plan.js';
import { ConfirmationsController } from './confirmations.controller.js';
import { DecidePlan } from './decide-plan.js';
import { ListRequests } from './list-requests.js';
import { RequestsController } from './requests.controller.js';
import { ShowPlan } from './show-plan.js';
import { SubmitForTicket } from './submit-for-ticket.js';
import { ShowRequest } from './show-request.js';

export const requestsFeature: Feature = {
  controllers: [RequestsController, ConfirmationsController],
  providers: ({ database, hint }) => {
    const requests = new ReadRequests(database);
    const acceptRequests = new AcceptRequests(database, hint);
    const submit = new SubmitRequest(acceptRequests);
    return [
      { provide: AcceptRequests, useValue: acceptRequests },
      { provide: SubmitRequest, useValue: submit },
      { provide: SubmitForTicket, useValue: new SubmitForTicket(database, submit) },
      { provide: ReadRequests, useValue: requests },
      { provide: ShowRequest, useValue: new ShowRequest(requests, database) },
      { provide: ShowPlan, useValue: new ShowPlan(requests, database) },
      { provide: ListRequests, useValue: new ListRequests(requests) },
      { provide: DecidePlan, useValue: new DecidePlan(database, hint) },
      { provide: ConfirmPlan, useValue: new ConfirmPlan(database, hint) },
    ];
  },
};
