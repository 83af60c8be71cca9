// What all files of the module include, compiled once. It stands for nothing: every file includes what it uses.
#include "module/ngx/ngx.h"
#include "precompiled/library.h"
