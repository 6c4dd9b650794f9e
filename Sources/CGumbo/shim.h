#include <gumbo.h>
#include <iconv.h>
