def average_area(shapes):
    total = 0
    for shape in shapes:
        total += shape["width"] * shape["height"]
    return total / len(shapes)
