-- A sign-in by a passkey that nobody has is noted at the MSP.
GRANT EXECUTE ON FUNCTION msp_tenant() TO stellwerk_api;
