// What most files of the tool include, compiled once. It stands for nothing: every file includes what it uses.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "precompiled/library.h"
#include "tool/session.h"
