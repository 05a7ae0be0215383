// The scale's board: what differs from MicroPython's own Raspberry Pi Pico.
#define MICROPY_HW_BOARD_NAME          "Aangan scale"
#define MICROPY_HW_FLASH_STORAGE_BYTES (1408 * 1024) // as RPI_PICO has it: the calibration outlives a new image
#define MICROPY_PY_SSL                 (0)
