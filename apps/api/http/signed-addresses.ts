/** Where other systems bring what they have signed: the bytes are checked before they are read. */
export const CALLBACK_ADDRESS = '/v1/notification-callbacks/:id';
