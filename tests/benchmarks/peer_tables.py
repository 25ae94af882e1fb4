def write_page(rows, path):
    raise NotImplementedError
