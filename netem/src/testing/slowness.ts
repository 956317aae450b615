/**
 * How many times slower than usual the machine is, e.g. 5 under User Mode Linux: packets are sent so much more slowly,
 * and waited for so much longer. What is expected of them stays.
 */
export const slowness = Number(process.env['SQUALL_TEST_SLOWNESS'] ?? 1)
