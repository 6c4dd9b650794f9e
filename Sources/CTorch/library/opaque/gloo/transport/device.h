#include <gloo/types.h>
