def join(parts, sep):
    print("joining", parts)
    return sep.join(str(part) for part in parts)
