#include "core/secrets/private_memory.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

namespace api_key {

PrivateMemory::PrivateMemory(std::size_t size) {
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) {
        madvise(memory, size, MADV_DONTDUMP);
        data_ = memory;
        size_ = size;
    }
}

PrivateMemory::~PrivateMemory() {
    if (data_ != nullptr) {
        OPENSSL_cleanse(data_, size_);
        munmap(data_, size_);
    }
}

} // namespace api_key
