// The x87 control word after FNINIT (SDM vol. 1, 8.1.5): all exceptions masked, 64 bits, to nearest.
export const INITIAL_CONTROL = 0x37f;
