/** The server's bound, in characters. */
export const PASSWORD_MIN = 10;
