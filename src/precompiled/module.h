// What most files of the module include, compiled once. It stands for nothing: every file includes what it uses.
#include "module/manage/call.h"
#include "module/request/request.h"
#include "module/worker.h"
#include "precompiled/library.h"
