# The scale's board: a Raspberry Pi Pico. What is frozen into it is told by the build (MICROPY_FROZEN_MANIFEST).
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")
